"""Later changes of grants: claims, redemptions, expiries, reversals, rewinds.

Imports go one way: `offsets` `overdue` `settling` ← `claiming` `expiring` `redeeming` `reducing` ←
`claim_events` `reversing` `rewound_sums` ← `firing` ← `amending` `arriving` `carrying`
`rewinding`.
"""
