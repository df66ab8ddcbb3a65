"""Invoices in the columns of the UCI online-retail data set, and what the shop has to make of them.

The figures are computed here once more, from the file alone and without a look at how annals does it."""
import collections
import csv
import decimal
import random

COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
COUNTRIES = ["United Kingdom", "France", "Germany", "EIRE", "Norway"]
DESCRIPTIONS = ["WHITE METAL LANTERN", "LAMP, LARGE", 'HEART "T-LIGHT" HOLDER', "SET OF 3,\nCOLOURED", ""]
# Half cents, one digit, none: all that has to be rounded or filled up.
PRICES = ["2.55", "3.39", "0.85", "7.5", "12", "1.005", "0.125", "10.994", "4.9951", "0.001"]


def write_invoices(path, invoices=300, skus=40, seed=1):
    """Writes a file with all that such files have: repeats, blanks, credit notes, and rows that cannot be."""
    dice = random.Random(seed)
    codes = [f"{20000 + n}{dice.choice(['', '', 'A', 'a'])}" for n in range(skus)]
    rows = []
    for n in range(invoices):
        number, customer, country = str(536365 + n), str(dice.randrange(12346, 12400)), dice.choice(COUNTRIES)
        credit = dice.random() < 0.15
        lines = [dice.choice(codes) for _ in range(dice.randrange(1, 6))]
        if dice.random() < 0.3:
            lines.append(lines[0])  # the same code once more
        for code in lines:
            quantity, price = dice.randrange(1, 30), dice.choice(PRICES)
            trouble = dice.random()
            if trouble < 0.03:
                quantity = 0
            elif trouble < 0.05:
                price = dice.choice(["0", "0.00", "-1.25"]) if not credit else "much"
            elif trouble < 0.06:
                code = "  "
            elif trouble < 0.07:
                quantity = "six"
            elif trouble < 0.2:
                code = f" {code}  "
            if credit and isinstance(quantity, int):
                quantity = -quantity
            rows.append([f"C{number}" if credit else number, code, dice.choice(DESCRIPTIONS), quantity,
                         "01/12/2010 08:26", price, customer, country])
            if dice.random() < 0.01:
                rows[-1].pop()  # a column is missing
    number = str(536365 + invoices)
    rows += [[number, codes[0], "all refused", quantity, "", "0", "", ""] for quantity in (0, 1)]
    rows.append(["536365", codes[1], "LATE", 3, "", "2.5", "", ""])  # of the first invoice, far behind the others
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\r\n").writerows([COLUMNS, *rows])


def cents(text):
    return int((decimal.Decimal(text) * 100).quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP))


def checked(row):
    """Code, quantity and price of a good row, or None."""
    try:
        number, code, _, quantity, _, price, _, _ = row
        quantity, price = int(quantity), decimal.Decimal(price)
    except (ValueError, decimal.InvalidOperation):
        return None
    if not code.strip() or (quantity >= 0 if number.startswith("C") else quantity <= 0 or price <= 0):
        return None
    return code.strip(), quantity, cents(price)


class Expected:
    """What the shop makes of a file when there is stock for all."""

    def __init__(self, path, payment_limit=0):
        self.orders = collections.defaultdict(list)  # (code, quantity, cents) by invoice
        self.returned = collections.defaultdict(list)  # (code, quantity) by credit note
        self.codes, refused = set(), 0
        with open(path, newline="", encoding="utf-8") as file:
            for row in list(csv.reader(file))[1:]:
                good = checked(row)
                if not good:
                    refused += 1
                    continue
                self.codes.add(good[0])
                if row[0].startswith("C"):
                    self.returned[row[0]].append((good[0], -good[1]))
                else:
                    self.orders[row[0]].append(good)
        self.declined = {o for o in self.orders if payment_limit and self.total(o) > payment_limit}
        shipped = [line for order, lines in self.orders.items() if order not in self.declined for line in lines]
        self.summary = {
            "orders_placed": len(self.orders),
            "orders_shipped": len(self.orders) - len(self.declined),
            "orders_cancelled": len(self.declined),
            "cancelled_by_reason": {"payment_declined": len(self.declined)} if self.declined else {},
            "credit_notes": len(self.returned),
            "rows_refused": refused,
            "units_sold": sum(quantity for _, quantity, _ in shipped),
            "units_returned": sum(quantity for lines in self.returned.values() for _, quantity in lines),
            "revenue_cents": sum(quantity * price for _, quantity, price in shipped),
        }

    def total(self, order):
        return sum(quantity * price for _, quantity, price in self.orders[order])
