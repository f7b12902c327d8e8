"""What stands on a page of HTML, as far as people see it: in a mail, or behind a link."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Paragraphs, links (what they are called, and where they lead), buttons and forms."""

    def __init__(self, page):
        super().__init__()
        self.text, self.paragraphs, self.links, self.buttons, self.forms = "", [], [], [], []
        self.tags, self.language = set(), None
        self._open = []
        self.feed(page)
        self.close()
        self.paragraphs = [it.replace("\r\n", "\n") for it in self.paragraphs]

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert not any(name.startswith("on") for name in attributes), attrs
        self.tags.add(tag)
        self._open.append(tag)
        if tag == "html":
            self.language = attributes.get("lang")
        elif tag == "p":
            self.paragraphs.append("")
        elif tag == "a":
            self.links.append(("", attributes["href"]))
        elif tag == "button":
            self.buttons.append("")
        elif tag == "form":
            self.forms.append((attributes.get("method"), attributes.get("action")))
        if tag in ("br", "meta"):
            self._open.pop()

    def handle_endtag(self, tag):
        assert self._open and self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text += data
        if "p" in self._open:
            self.paragraphs[-1] += data
        if "a" in self._open:
            label, link = self.links[-1]
            self.links[-1] = (label + data, link)
        if "button" in self._open:
            self.buttons[-1] += data
