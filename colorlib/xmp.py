"""XMP packets: what a photo's own says is kept byte for byte; what colorlib adds stands beside it.

The packet is XML, edited as text: a parser would rewrite every name, and a hostile packet is never expanded.
"""

import json
import re
from xml.sax.saxutils import escape, unescape

from colorlib import seals

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
NAMES = "https://github.com/colorlib/colorlib/ns/1.0/"
EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
OPENING = re.compile(r"<rdf:RDF\b[^>]*>")
SELF_CLOSED = re.compile(r"<rdf:RDF\b([^>]*?)/>")
OURS = re.compile(r"<rdf:Description\b[^>]*xmlns:colorlib=.*?</rdf:Description>", re.DOTALL)
MADE = re.compile(rb"<colorlib:Made>([^<]*)</colorlib:Made>")
ABOUT = re.compile(r"<rdf:Description\b[^>]*?\brdf:about=(\"[^\"]*\"|'[^']*')")
STALE = (  # what was true of the photo's file and is not of the result: its turn, preview, profile
    re.compile(r"<xmp:Thumbnails>.*?</xmp:Thumbnails>", re.DOTALL),
    re.compile(r"<(photoshop:ICCProfile|photoshop:ColorMode|exif:ColorSpace)>.*?</\1>", re.DOTALL),
    re.compile(r"\s(photoshop:ICCProfile|photoshop:ColorMode|exif:ColorSpace)=(\"[^\"]*\"|'[^']*')"),
)
SOURCES = (
    re.compile(r"<Iptc4xmpExt:DigitalSourceType\b[^>]*?/>"),
    re.compile(r"<Iptc4xmpExt:DigitalSourceType\b.*?</Iptc4xmpExt:DigitalSourceType>", re.DOTALL),
    re.compile(r"\sIptc4xmpExt:DigitalSourceType=(\"[^\"]*\"|'[^']*')"),
)
UPRIGHT = (
    (re.compile(r"(\stiff:Orientation=[\"'])\d+"), r"\g<1>1"),
    (re.compile(r"(<tiff:Orientation>)\s*\d+\s*(?=<)"), r"\g<1>1"),
)
CAPTION = re.compile(rb"<dc:description\b")


def kept(packet):
    """A photo's own packet for its result: upright, without preview and profile; "" where it is none."""
    text = decoded(packet)
    if "<!DOCTYPE" in text or "<!ENTITY" in text or not (OPENING.search(text) and "</rdf:RDF>" in text):
        return ""
    for pattern in (OURS, *STALE):
        text = pattern.sub("", text)
    for pattern, upright in UPRIGHT:
        text = pattern.sub(upright, text)
    return text


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
