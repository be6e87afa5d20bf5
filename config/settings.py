"""Django settings; what a deployment may change comes from config.env."""

from __future__ import annotations

from config.database import database
from config.env import ROOT, env

BASE_DIR = ROOT
DEMO = env.DEMO
DEBUG = env.DEBUG
SECRET_KEY = env.secret_key()
SECRET_KEYS_AT_REST = env.keys_at_rest()
ALLOWED_HOSTS = env.allowed_hosts
PUBLIC_URL = env.PUBLIC_URL.rstrip("/")
EDGE_URL = env.EDGE_URL.rstrip("/")
DATA_DIR = env.DATA_DIR
RUN_DIR = env.run_dir
REDIS_URL = env.redis_url
RETAILER = env.RETAILER
ENVIRONMENT = "Demo" if DEMO else env.ENVIRONMENT
SHOP_ZONE = env.SHOP_ZONE
PRIVATE_HOSTS_ALLOWED = [host for host in env.PRIVATE_HOSTS_ALLOWED.split(",") if host]
STEP_LEASE_S = env.STEP_LEASE_S
SANDBOX_URL = env.SANDBOX_URL
SANDBOX_TOKEN = env.SANDBOX_TOKEN
UPLOAD_LIMIT_MB = env.UPLOAD_LIMIT_MB
ELIGIBLE_VARIANTS_PERCENT = env.ELIGIBLE_VARIANTS_PERCENT
ELIGIBLE_UNITS = env.ELIGIBLE_UNITS
SAMPLE_PAGES = env.SAMPLE_PAGES
SCARCITY_BELOW = env.SCARCITY_BELOW
OFFER_TTL_S = env.OFFER_TTL_S
AVAILABILITY_FRESH_S = env.AVAILABILITY_FRESH_S
REDIRECT_HOSTS = env.redirect_hosts
ADJUST_ALONE_UNITS = env.ADJUST_ALONE_UNITS
ADJUST_ALONE_VALUE = env.ADJUST_ALONE_VALUE

ROOMS = [
    "shell",
    "audit",
    "people",
    "providers",
    "runbook",
    "fatigue",
    "prices",
    "stock",
    "capacity",
    "campaigns",
    "orders",
    "live",
    "report",
    "uplift",
]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django_htmx",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "config.apps.ConfigConfig",
    *(f"console.{room}" for room in ROOMS),
]
MIDDLEWARE = [
    "console.shell.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.shell.middleware.RequestIdMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "console.people.bearer.BearerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "console.shell.middleware.RefusalMiddleware",
    "console.shell.middleware.AccessMiddleware",
    "console.shell.rest.once.OnceMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "console.shell.forms.FieldRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.shell.frame.frame",
            ],
        },
    },
]
DATABASES = {"default": database(env.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_REDIS = {
    "LOCATION": REDIS_URL,
    # A cache that hangs must not hold a worker: what it carries may be lost.
    "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
}
CACHES = {
    "default": {"BACKEND": "console.shell.sturdy.SturdyCache", **_REDIS},
    "shared": {"BACKEND": "django.core.cache.backends.redis.RedisCache", **_REDIS},
}

AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "console.shell.accounts.ClosedSignup"
ACCOUNT_LOGOUT_ON_GET = False
# Tries to sign in are counted by address: behind a proxy, by the one it saw.
ALLAUTH_TRUSTED_PROXY_COUNT = env.TRUSTED_PROXIES
PASSWORD_RESET_TIMEOUT = 48 * 3600  # of a one-time link

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_TLS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TLS
SESSION_COOKIE_NAME = "__Host-session" if SECURE_TLS else "doorbuster-session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_TLS else "doorbuster-csrf"
SECURE_SSL_REDIRECT = SECURE_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_TLS
# Behind plain HTTP nobody strips the header, so whoever sends it is not believed.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "console.shell.failures.csrf"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    # The hash is that of the empty string: Plotly adds an empty style element.
    "style-src": ["'self'", "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"],
    "img-src": ["'self'", "data:", "blob:"],
    "connect-src": ["'self'", *([EDGE_URL] if EDGE_URL else [])],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}

LANGUAGE_CODE = "en"
TIME_ZONE = SHOP_ZONE
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "console.shell.storage.StaticFiles"},
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = DATA_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "console.shell.uploads.BoundedUpload",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

CELERY_BROKER_URL = env.broker_url
LOG_LEVEL = env.LOG_LEVEL
LOGGING_CONFIG = "console.shell.logs.configure"
LOGGING = {"level": LOG_LEVEL}
