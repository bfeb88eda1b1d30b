"""What a visitor does with mouse and keyboard, as words."""

from urllib.parse import urlsplit

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


class Visitor:
    """One browser, signing in as one person after the other."""

    def __init__(self, page, server):
        self.page, self.server = page, server

    def go(self, path):
        response = self.page.goto(path if path.startswith("http") else f"{self.server}{path}")
        assert response.status < 400, f"{path}: {response.status}"
        return self.page

    def become(self, key):
        """Continues as somebody else, with the card of the demonstration's guide."""
        self.go("/demo/")
        self.page.locator(f'form[action="/demo/as/{key}/"] button').first.click()
        self.page.wait_for_load_state()

    def press(self, text):
        """Follows the link or presses the button of that name in the page's main part."""
        self.page.locator("main").get_by_role("link", name=text, exact=True).or_(
            self.page.locator("main").get_by_role("button", name=text, exact=True)
        ).first.click()
        self.page.wait_for_load_state()

    def act(self, case, label, **fields):
        """Opens a case, chooses an act from its panel, fills in its form and confirms; the act must be done."""
        self.open_act(case, label)
        for name, value in fields.items():
            self.fill(name, value)
        button = self.page.locator("main form.confirm button.btn").last
        assert button.count(), f"{label}: {self.page.url}\n{self.page.locator('main').inner_text()}"
        button.click()
        self.page.wait_for_load_state()
        assert "/do/" not in self.page.url, self.page.locator("main").inner_text()
        return urlsplit(self.page.url).path

    def open_act(self, case, label):
        """Opens the form of an act; signing and issuing ask for the password once more."""
        self.go(case)
        self.press(label)
        if "/reauthenticate/" in self.page.url:
            self.page.locator('[name="password"]').fill("demo")
            self.page.locator("main form button.btn--primary").first.click()
            self.page.wait_for_url("**/do/**")

    def fill(self, name, value):
        control = self.page.locator(f'main [name="{name}"]').first
        kind = control.get_attribute("type") or ""
        if kind in ("checkbox", "radio"):
            self.page.locator(f'main [name="{name}"]').first.check(force=True)
        else:
            control.fill(value)

    def tick_all(self):
        for box in self.page.locator('main form input[type="checkbox"]').all():
            box.check(force=True)

    def fill_everything(self):
        """Gives every empty control of the form on the page a fitting value."""
        form = self.page.locator("main form").last
        seen = set()
        for control in form.locator("input, textarea, select").all():
            name, kind = control.get_attribute("name") or "", control.get_attribute("type") or ""
            if kind in ("hidden", "submit", "file") or not control.is_enabled() or name in seen:
                continue
            if kind in ("radio", "checkbox"):
                seen.add(name)
                control.check(force=True)
            elif control.evaluate("node => node.tagName") == "SELECT":
                control.select_option(index=1)
            elif not control.input_value():
                control.fill(_value(name, kind, control))

    def leap(self, label):
        """Moves the demonstration's clock with one of the guide's buttons."""
        self.go("/demo/")
        self.press(label)


def _value(name, kind, control):
    numeric = kind == "number" or (control.get_attribute("inputmode") or "") in ("decimal", "numeric")
    low = control.get_attribute("min")
    if kind == "date":
        return "2018-02-01"
    if kind == "email":
        return "someone@example.invalid"
    if kind == "tel" or "phone" in name:
        return "021-62080000"
    if numeric or name.endswith(("-baseline", "-target")):
        return str(int(float(low)) + 5) if low else "50"
    return "徐汇区集聚试验区建设项目" if name == "title" else "三年内建成公共服务平台，引进服务机构六十家。"
