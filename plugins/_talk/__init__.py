"""The domain of talks: rules, use cases and documents. Nothing in here imports NoneBot."""
