"""The console: one package a room, imports only downward (docs/rooms.md)."""
