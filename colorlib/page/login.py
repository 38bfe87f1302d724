"""The login page, shown to a visitor without the right token, for example after a new start of the server."""

from html import escape

from jupyter_server.auth.login import LoginFormHandler
from tornado.escape import url_escape

from colorlib.page import html
from colorlib.page.scripts import languages

TITLE = "Color a black-and-white photo"
CLOSED = "This page opens with the address that colorlib demo has printed: each start has a new one."
PASTE = "Or paste the part after “token=” in that address:"
WRONG = "That is not the token of this start."
OPEN = "Open the page"


class LoginHandler(LoginFormHandler):
    """Asks for the token, in the style and the languages of the page."""

    def _render(self, message=None):
        after = url_escape(self.get_argument("next", default=self.base_url))
        form = f'<form method="post" action="{self.base_url}login?next={after}">{self.xsrf_form_html()}'
        self.write(login_page(form, bool(message), self.request.headers.get("Accept-Language", "")))


def login_page(form, wrong, wanted):
    """The HTML of the login page.

    Args:
        form: The HTML that starts the form.
        wrong: Whether the visitor has given a wrong token.
        wanted: The visitor's languages, as in the header Accept-Language.
    """
    code, language = chosen_language(wanted)
    words = {text: escape(language["sentences"].get(text, text)) for text in (TITLE, CLOSED, PASTE, WRONG, OPEN)}
    note = f'<div role="alert"><ul class="cl-notes"><li>{words[WRONG]}</li></ul></div>' if wrong else ""
    return (
        f'<!doctype html><html lang="{code}" dir="{language["direction"]}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{words[TITLE]}</title>{html.STYLE}'
        f'<body data-voila="login" style="margin: 0"><main class="cl-demo cl-login"><h1>{words[TITLE]}</h1>'
        f"<p>{words[CLOSED]}</p>{note}{form}<p><label for='token'>{words[PASTE]}</label></p>"
        '<input id="token" name="password" type="password" autocomplete="off" autofocus required>'
        f'<button class="cl-button">{words[OPEN]}</button></form></main></body></html>'
    )


def chosen_language(wanted):
    """(code, language) of the first language in an Accept-Language header that the page has, or of English."""
    known = languages()
    for part in wanted.split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in known:
            return code, known[code]
        if code == "en":
            break
    return "en", {"direction": "ltr", "sentences": {}}
