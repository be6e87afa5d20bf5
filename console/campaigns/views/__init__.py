"""Entrances of campaigns: pages, panels and what a person may do on them."""
