"""What the name of a host ends with: by this redaction tells `at example.org` from `at setup.py`."""

from __future__ import annotations

from typing import Final


def words_of(text: str) -> frozenset[str]:
    """Give the words of a table."""
    return frozenset(text.split())


# Endings of hosts (IANA's root zone): the countries, the generic ones that are no usual name of a file or in a
# program, and those of private nets. Somebody who writes from under another becomes an exception.
COUNTRIES: Final = words_of(
    """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca
    cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr
    ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm
    jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq
    mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa
    re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn
    to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt yu za zm zw
    """
)
GENERIC: Final = words_of(
    """
    com org net edu gov mil int info biz museum aero coop mobi asia cat arpa xyz online cloud eus gal bzh scot
    berlin hamburg bayern wien koeln swiss paris brussels amsterdam london nyc tokyo ngo ong invalid example
    localhost localdomain lan
    """
)
# With two labels these are rather files: `at setup.py`.
FILES: Final = frozenset({"py", "sh", "rs", "md", "so", "pm"})
