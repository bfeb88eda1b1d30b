"""Writing rules in the browser: what a document's parts are called, how values get in, what is still wrong."""
