"""Addresses of the frame itself: health, the doctor and the way home."""

from __future__ import annotations

from django.urls import path

from console.shell import views

app_name = "shell"

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("account/demo/", views.demo_login, name="demo_login"),
    path("settings/doctor/", views.doctor, name="doctor"),
    path("settings/components/", views.components, name="components"),
]

ACCESS = {
    "home": "login",
    "healthz": "public",
    "demo_login": "public",
    "doctor": "doctor.view",
    "components": "login",
}
