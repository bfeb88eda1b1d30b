"""What tomlkit needs to be told: where comments belong, and how new tables are laid out.

Comments and blanks in front of a table are kept by the library at the end of the table before it. Whoever moves, adds
or removes tables takes them off first and gives them back where they belong.
"""

from contextlib import contextmanager

import tomlkit
from tomlkit import items
from tomlkit.container import Container


class WrongPlace(LookupError):
    """A path the document or the schema does not know: the page is older than the text."""


def blank():
    """A blank line, as the library keeps it."""
    return [(None, items.Whitespace("\n"))]


def led(leads, order):
    """What stands in front of each element in the new order. One that was first has its comments elsewhere."""
    return [[], *((leads[index] if index else []) or blank() for index in order[1:]), leads[-1]]


def keep_comments(table, lead):
    """Comments of an element that is first now go below its heading: what is in front of it is not ours."""
    comments = [item for _key, item in lead if isinstance(item, items.Comment)]
    if comments:
        body = list(table.value.body)
        values = Container()
        for comment in comments:
            values.append(None, comment)
        for key, item in body:
            values.append(key, item, validate=False)
        table._value = values  # the library has no way to put a comment first


def take_out(holder, key):
    """Removes a key; what stood behind its table stays in the text."""
    item = holder[key]
    tail = _take_tail(_deepest(item[-1] if isinstance(item, items.AoT) else item)) if _is_table(item) else []
    container = _container(holder)
    names = [name.key if name is not None else None for name, _item in container.body]
    before = next((one for _name, one in reversed(container.body[: names.index(key)]) if not _is_trivia(one)), None)
    holder.remove(key)
    if isinstance(before, items.AoT):
        before = before[len(before) - 1]
    if tail and isinstance(before, items.Table):
        _deepest(before).body.extend(tail)


def _is_table(item):
    return isinstance(item, (items.AoT, items.Table))


def _is_trivia(item):
    return isinstance(item, (items.Whitespace, items.Comment, items.Null))


def _container(holder):
    """The tomlkit container of a table. Raises WrongPlace for tables written in several places of a text."""
    container = holder if isinstance(holder, Container) else getattr(holder, "value", None)
    if not isinstance(container, Container):
        raise WrongPlace("out of order")
    return container


def rearrange(rows, order):
    """Puts the tables of an array in another order; those not named are gone."""
    body = [rows[index] for index in order]
    while len(rows):
        del rows[len(rows) - 1]
    for table in body:
        rows.append(table)


def _deepest(table):
    """The container whose end is the end of `table` in the text."""
    container = _container(table)
    for _key, item in reversed(container.body):
        if isinstance(item, items.Null):
            continue
        if isinstance(item, items.AoT) and len(item):
            return _deepest(item[len(item) - 1])
        if isinstance(item, items.Table):
            return _deepest(item)
        break
    return container


def _take_tail(container):
    """Takes the comments and blanks off the end of a container: they belong to whatever comes next."""
    tail = []
    while container.body and container.body[-1][0] is None and isinstance(
        container.body[-1][1], (items.Whitespace, items.Comment)
    ):  # fmt: skip
        tail.insert(0, container.body.pop())
    return tail


def take_leads(rows):
    """[in front of the first: unknown, …, in front of each, …, behind the last] of an array of tables."""
    return [[], *(_take_tail(_deepest(rows[index])) for index in range(len(rows)))]


def give_leads(rows, leads):
    """Puts back what `take_leads` took, in the order given."""
    for index in range(len(rows)):
        _deepest(rows[index]).body.extend(leads[index + 1])


@contextmanager
def tidy(holder):
    """New keys and tables go before the comments and blanks at the end of their table."""
    tail = [] if is_inline(holder) else _take_tail(_deepest(holder))
    yield
    if tail:
        _deepest(holder).body.extend(tail)


def is_inline(holder):
    """True for a table written in one line."""
    return isinstance(holder, items.InlineTable)


def refill(array, values):
    """Other elements in the same brackets, each on its line where they stood on lines."""
    lines = "\n" in array.as_string()
    kept = [value if isinstance(value, items.Item) else tomlkit.item(value) for value in values]
    array.clear()
    fill(array, kept, lines=lines)


def fill(array, values, *, lines):
    """Elements into empty brackets, each on its own line or all on one."""
    for value in values:
        if lines:
            array.add_line(value, indent="  ")
        else:
            array.append(value)
    if lines:
        array.add_line(indent="")


def inline(values):
    """Plain values as a table in one line, with blanks inside its braces, as the catalogue is written."""
    made = tomlkit.inline_table()
    for key, value in values.items():
        made[key] = inline(value) if isinstance(value, dict) else string(value)
    return tomlkit.value(f"{{ {made.as_string()[1:-1]} }}") if values else made


def table(values):
    """Plain values as a table of their own; its own keys come before the tables inside it."""
    made = tomlkit.table()
    for key, value in sorted(values.items(), key=lambda pair: _is_rows(pair[1])):
        if isinstance(value, dict):
            small = set(value) <= {"zh", "en"} or "unit" in value
            made[key] = inline(value) if small else table(value)
        elif _is_rows(value):
            array = tomlkit.aot()
            for one in value:
                inner = table(one)
                inner.trivia.indent = "\n"
                array.append(inner)
            made[key] = array
        else:
            made[key] = string(value)
    return made


def _is_rows(value):
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def string(value):
    """A text of several lines begins on a line of its own; anything else as it is."""
    if not isinstance(value, str) or "\n" not in value:
        return value
    quoted = tomlkit.string(value, multiline=True).as_string()
    return tomlkit.value(f"{quoted[:3]}\n{quoted[3:]}")
