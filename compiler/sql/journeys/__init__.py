"""Journeys: the occasions of the steps that follow others. Meaning: `runtime.decide.journeys`.

The row of a later step has the fields of the steps before it under names such as `ticket.level`.

Imports go one way: `absences` `answers` `fields` `instants` ← `endings` `ways` ← `occasions`.
"""
