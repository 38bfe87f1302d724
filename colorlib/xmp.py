"""XMP packets: what a photo's own says is kept byte for byte; what colorlib adds stands beside it.

The packet is XML, edited as text: a parser would rewrite every name, and a hostile packet is never expanded.
"""

import hashlib
import json
import re
from xml.etree import ElementTree
from xml.sax.saxutils import escape, unescape

from colorlib import seals

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
NAMES = "https://github.com/colorlib/colorlib/ns/1.0/"
EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
# No pattern looks past the next "<": a hostile packet of a thousand openings costs no more than a good one.
OPENING = re.compile(r"<rdf:RDF\b[^<>]*>")
SELF_CLOSED = re.compile(r"<rdf:RDF\b([^<>]*?)/>")
WRAPPER = re.compile(r"<\?xpacket[^<>]*\?>")
MADE = re.compile(rb"<colorlib:Made>([^<]*)</colorlib:Made>")
ABOUT = re.compile(r"<rdf:Description\b[^<>]*?\brdf:about=(\"[^\"<>]*\"|'[^'<>]*')")
MOST_RUNS = 20  # whose descriptions a packet may hold
DESCRIPTION, OURS, DESCRIPTION_END = "<rdf:Description", "xmlns:colorlib=", "</rdf:Description>"
PREVIEW, PREVIEW_END = "<xmp:Thumbnails>", "</xmp:Thumbnails>"
STALE = (  # what was true of the photo's file and is not of the result: its profile, its extension
    re.compile(r"<(photoshop:ICCProfile|photoshop:ColorMode|exif:ColorSpace|xmpNote:HasExtendedXMP)>[^<]*</\1>"),
    re.compile(
        r"\s(photoshop:ICCProfile|photoshop:ColorMode|exif:ColorSpace|xmpNote:HasExtendedXMP)=(\"[^\"<]*\"|'[^'<]*')"
    ),
)
SOURCES = (
    re.compile(r"<Iptc4xmpExt:DigitalSourceType\b[^<>]*?/>"),
    re.compile(r"<Iptc4xmpExt:DigitalSourceType\b[^<>]*>[^<]*</Iptc4xmpExt:DigitalSourceType>"),
    re.compile(r"\sIptc4xmpExt:DigitalSourceType=(\"[^\"<]*\"|'[^'<]*')"),
)
UPRIGHT = (
    (re.compile(r"(\stiff:Orientation=[\"'])\d+"), r"\g<1>1"),
    (re.compile(r"(<tiff:Orientation>)\s*\d+\s*(?=<)"), r"\g<1>1"),
)


def kept(packet):
    """A photo's own packet for its result: upright, without preview and profile; "" where it is none."""
    text = decoded(packet)
    if "<!DOCTYPE" in text or "<!ENTITY" in text or not (OPENING.search(text) and "</rdf:RDF>" in text):
        return ""
    text = _without_previews(_without_ours(text))
    for pattern in STALE:
        text = pattern.sub("", text)
    for pattern, upright in UPRIGHT:
        text = pattern.sub(upright, text)
    return text if "</rdf:RDF>" in text else ""


def _without_ours(text):
    """A packet without the description that an earlier run has added."""
    for _ in range(MOST_RUNS):
        place = text.find(OURS)
        start, end = text.rfind(DESCRIPTION, 0, place), text.find(DESCRIPTION_END, place)
        if min(place, start, end) < 0 or ">" in text[start:place]:
            break
        text = text[:start] + text[end + len(DESCRIPTION_END) :]
    return text


def _without_previews(text):
    parts = text.split(PREVIEW)
    ends = (part.find(PREVIEW_END) for part in parts[1:])
    kept_parts = (part[end + len(PREVIEW_END) :] if end >= 0 else "" for part, end in zip(parts[1:], ends))
    return parts[0] + "".join(kept_parts)


def joined(packet, extension):
    """A packet with what stands in its extension, both as `kept` gives them; the packet alone where that is no XML."""
    inside = OPENING.search(extension)
    if not (packet and inside):
        return packet or extension
    more = extension[inside.end() : extension.rindex("</rdf:RDF>")]
    place = packet.rindex("</rdf:RDF>")
    both = packet[:place] + more + packet[place:]
    try:
        ElementTree.fromstring(WRAPPER.sub("", both).strip())
    except ElementTree.ParseError:  # names that only the extension's beginning explains
        return packet
    return both


def in_two(packet, note=True, made=None, tool="colorlib"):
    """What `with_ours` gives as two packets: what colorlib adds, and the photo's own, which the first one names."""
    own = WRAPPER.sub("", packet).strip().encode("utf-8", "replace")
    ours = with_ours("", note, made, tool).decode() or EMPTY
    digest = hashlib.md5(own, usedforsecurity=False).hexdigest().upper()
    names = '<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" '
    place = ours.rindex("</rdf:RDF>")
    return [f'{ours[:place]}{names}xmpNote:HasExtendedXMP="{digest}"/>{ours[place:]}'.encode(), own]


def decoded(packet):
    """A packet's text; "" where it is damaged."""
    packet = bytes(packet or b"").strip(b"\0")
    for encoding in ("utf-16" if packet[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "latin-1"):
        try:
            return SELF_CLOSED.sub(r"<rdf:RDF\1></rdf:RDF>", packet.decode(encoding))
        except UnicodeDecodeError:
            continue
    return ""


def with_ours(packet, note=True, made=None, tool="colorlib"):
    """A packet's bytes with what colorlib adds in a description of its own.

    Args:
        packet: The photo's own, as `kept` gives it, or "".
        note: Whether to say that colors are invented: IPTC's digital source type.
        made: A dict of what the result was made with; None for none.
        tool: The program's name and version.

    Returns:
        UTF-8; b"" where there is nothing to say.
    """
    if not (packet or note or made):
        return b""
    text = packet or EMPTY
    properties = ""
    if note:
        for pattern in SOURCES:
            text = pattern.sub("", text)
        properties += f"<Iptc4xmpExt:DigitalSourceType>{SOURCE}</Iptc4xmpExt:DigitalSourceType>"
        properties += f"<colorlib:Tool>{escape(tool)}</colorlib:Tool>"
    if made:
        properties += f"<colorlib:Made>{escape(json.dumps(made, sort_keys=True))}</colorlib:Made>"
        properties += f"<colorlib:Seal>{seals.EMPTY}</colorlib:Seal>"
    if properties:
        about = ABOUT.search(text)
        ours = (
            f'<rdf:Description rdf:about={about[1] if about else chr(34) * 2} xmlns:colorlib="{NAMES}" '
            f'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">{properties}</rdf:Description>'
        )
        place = OPENING.search(text).end()
        text = text[:place] + ours + text[place:]
    return text.encode("utf-8", "replace")


def made_in(data):
    """The dict of what a result was made with, from the first bytes of its file; None where there is none."""
    found = MADE.search(data)
    try:
        made = json.loads(unescape(found[1].decode())) if found else None
    except ValueError:
        return None
    return made if isinstance(made, dict) else None
