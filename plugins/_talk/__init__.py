"""What a talk is: its rules, its use cases, its documents. No NoneBot in here."""
