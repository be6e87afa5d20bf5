"""The processes of one machine: embedded servers, web, edge, worker, beat, sandbox."""
