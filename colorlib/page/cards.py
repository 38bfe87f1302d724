"""The HTML of the gallery of previous predictions."""

import base64
from html import escape

from colorlib.page import html


def gallery(entries, address):
    """The list of previous predictions, as HTML.

    Args:
        entries: `predictions.Entry` objects.
        address: `address(entry, kind)` returns the URL of a file on the page's server, or None if there is no server;
            see `viewer.address_of`.
    """
    return f'<ul class="cl-gallery">{"".join(card(entry, address) for entry in entries)}</ul>'


def card(entry, address):
    """One previous prediction, as HTML: small pictures, name, date and buttons; for `address` see `gallery`."""
    title, name = html.short(entry.title), entry.folder.name
    source = (
        address(entry, "preview") or "data:image/jpeg;base64," + base64.b64encode(entry.preview.read_bytes()).decode()
    )
    shown = escape(title, quote=True)
    picture = f'<img loading="lazy" src="{source}" alt="{shown}: black and white, in color">'
    saved, in_one = address(entry, "colored"), "Both, before and after in one picture"
    both = html.do_button("both", f"{in_one}: {title}", "Both", name=name)
    download = (
        f'<a class="cl-button" download href="{saved}" aria-label="Download {shown}">Download</a>'
        if saved
        else html.do_button("download", f"Download {title}", "Download", name=name)
    )
    change = html.do_button("open", f"Change {title}", "Change", name=name)
    change = change.replace('data-focus="open', 'data-focus="change')
    return (
        '<li class="cl-card"><div class="cl-card-top">'
        + html.do_button("open", f"Open {title}", picture, "cl-open", name=name)
        + f'<input type="checkbox" class="cl-pick" value="{name}" aria-label="Select {shown}"></div>'
        f'<p class="cl-title" title="{escape(entry.title, quote=True)}">{shown}</p>'
        f"<p>{entry.when:%d %b %Y, %H:%M}</p><div class='cl-card-buttons'>"
        + change
        + download
        + (
            f'<a class="cl-button" download href="/results/both.jpg?names={name}" '
            f'aria-label="{in_one}: {shown}">Both</a>'
            if saved
            else both
        )
        + html.do_button("delete", f"Delete {title}", "Delete", names=[name])
        + "</div></li>"
    )


def over_gallery(count, megabytes, served):
    """The head of the gallery, as HTML: the disk space, and the buttons for several predictions.

    Args:
        count: The number of previous predictions.
        megabytes: The disk space that they take.
        served: Whether the page's server has their files.
    """
    if not count:
        return "<p>None yet. Results stay here until you delete them, even after you close this page.</p>"
    files = [("zip", "photos.zip", "Download selected"), ("sheet", "sheet.jpg", "Contact sheet")]
    saves = "".join(
        f'<a class="cl-button" data-picked data-address="/results/{file}" download>{label}</a>'
        if served
        else html.do_button(do, label).replace("<button", "<button data-picked")
        for do, file, label in files
    )
    delete = html.do_button("delete", "Delete selected").replace("<button", "<button data-picked")
    photos = "photo" if count == 1 else "photos"
    return (
        f"<p>{count} {photos}, {megabytes:.1f} MB. They stay until you delete them, "
        'even after you close this page.</p><div class="cl-picked"><label><input type="checkbox" class="cl-pick-all"> '
        f"Select all</label>{saves}{delete}</div>"
    )


def over_room(names, megabytes):
    """The note that the predictions take more space than the limit, with a button that deletes the oldest.

    Args:
        names: The names of the entries to delete.
        megabytes: The limit.
    """
    oldest = "the oldest photo" if len(names) == 1 else f"the {len(names)} oldest photos"
    return (
        f'<p class="cl-undo">That is more than the {megabytes:.0f} MB you chose to keep. Nothing is deleted by itself. '
        f"{html.do_button('delete', f'Delete {oldest}', names=names)}</p>"
    )


def deleted(count):
    """The note that `count` photos were deleted, with a button that brings them back."""
    words = "One photo was deleted." if count == 1 else f"{count} photos were deleted."
    return f'<p class="cl-undo">{words} {html.do_button("undo", "Undo")}</p>'
