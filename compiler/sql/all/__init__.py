"""SQL of many campaigns as one statement that reads each table once.

Imports go one way: `cohorts` `flags` `bytes` ← `known_rewards` ← `single_instant` ← `rows`
`shared` ← `campaigns` ← `funnel`.
"""
