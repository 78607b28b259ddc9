"""Batches of decisions: prepared, decided and written in one transaction, on any store.

Imports go one way: `balances` `entries` `facts` `frequency` `hiding` `kept_texts` `quiet`
`wallets` ← `books` ← `batch` `conflicts` `event_keys` ← `outgoing` ← `deciding` ← `loading`
`writing`.
"""
