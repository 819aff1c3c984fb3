"""HTTP: pages, API and the room's door. A handler reads the form, runs the story, chooses the page."""
