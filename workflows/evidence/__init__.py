"""What goes into an evidence export as it is: the verifier, which must run without anything of ours, and the README."""
