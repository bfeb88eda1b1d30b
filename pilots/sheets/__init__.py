"""The application form as a workbook: made from the very form of the rules, and read back cell by cell."""
