"""Batches of decisions: prepared, decided and written in one transaction, on any store.

Imports go one way: `balances` `entries` `facts` `frequency` `hiding` `kept_texts` `wallets` ←
`books` ← `batch` `conflicts` `event_keys` ← `journeys` `outgoing` ← `deciding` ← `loading`
`writing`.
"""
