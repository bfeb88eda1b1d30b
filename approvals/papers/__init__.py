"""What the receipt of a submission and a province's letter say; how they are laid out stands in `approvals.documents`."""
