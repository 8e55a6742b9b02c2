"""What supervisors, operators and auditors see to."""
