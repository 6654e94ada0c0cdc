"""What is the open internet, and what is not, in every way of writing it."""

import pytest

from plugins._talk.links.public import can_be_public, is_public

NOT_PUBLIC = """
127.0.0.1 127.255.255.254 0.0.0.0 0.1.2.3 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
100.64.0.1 100.100.100.200 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1 64:ff9b:1::8.8.8.8
2002:7f00:1:: 2002:a00:1:: 2002:a9fe:a9fe:: 2001:0:7f00:1:: 2001:0:4136:e378:8000:63bf:80ff:fffe
2001:db8::1 3fff::1 5f00::1 100::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1
fd00::5efe:808:808 fe80::5efe:808:808 ff02::5efe:808:808 2001:db8::5efe:808:808
2400:cb00::5efe:127.0.0.1 2400:cb00::200:5efe:10.0.0.1
"""
PUBLIC = """
8.8.8.8 1.1.1.1 93.184.216.34 2606:4700:4700::1111 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808:: 240e:1::1
2400:cb00::5efe:8.8.8.8
"""


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    "localhost localhost. LOCALHOST a.localhost printer.local x.internal metadata.google.internal"
    " router.lan nas.home intranet 2130706433 0x7f000001 0x7f.1 0x7f.0.0.1 127.1 127.0.1 0177.0.0.1"
    " 017700000001 127.0x1 1.2.3.4.5 256.1.1.1 127.0.0.1 127.0.0.1. ::1 ::ffff:127.0.0.1 com".split(),
)
def test_hosts_that_are_nobodys_outside(host: str) -> None:
    assert not can_be_public(host)


@pytest.mark.parametrize(
    "host", "a.com a.com. 8.8.8.8 x1.org 1.example.org 0x7f.example.org b23.tv 2606:4700::1".split()
)
def test_hosts_that_can_be_anybodys(host: str) -> None:
    assert can_be_public(host)


@pytest.mark.parametrize("nonsense", ["", "x", "1.2.3", "::g", "8.8.8.8/8", "８.８.８.８", "%eth0"])
def test_nonsense_is_not_public(nonsense: str) -> None:
    assert not is_public(nonsense)
