"""Ids of hidden traits in public taxonomies, each with its edition: ids move between releases."""

HIDDEN_TRAIT = (
    "MITRE ATLAS 5.6.0: AML.T0020 Poison Training Data",
    "MITRE ATLAS 5.6.0: AML.T0010.002 AI Supply Chain Compromise: Data",
    "OWASP LLM04:2025 Data and Model Poisoning",
    "NIST AI 100-2e2025: NISTAML.024 Targeted Poisoning",
)
