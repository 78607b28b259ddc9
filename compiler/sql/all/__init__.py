"""SQL of many campaigns as one statement that reads each table once.

Imports go one way: `blocks` `cohorts` `flags` ← `known_rewards` ← `single_instant` ← `rows`
`shared` ← `campaigns` ← `funnel`.
"""
