"""Ways of reaching people and groups. One folder each: form, transport, texts, tests (docs/channels.md)."""
