"""The currencies there are, and how far an amount of each divides (ISO 4217, active codes).

Codes of funds, metals and tests are left out: nobody is paid in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_HUNDREDS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
    CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
    PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
    SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG
"""
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDS = "BHD IQD JOD KWD LYD OMR TND"

CURRENCIES: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(_HUNDREDS.split(), 2)
    | dict.fromkeys(_WHOLE.split(), 0)
    | dict.fromkeys(_THOUSANDS.split(), 3)
)
"""Digits after the point in an amount, by code: 2 for CNY, 0 for JPY, 3 for KWD."""

NO_CURRENCY = "XXX"
"""The code for no currency; replaces a currency that could not be read."""
