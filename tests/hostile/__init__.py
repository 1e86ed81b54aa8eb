"""Repositories made by somebody who means harm, synced and shown as any other."""
