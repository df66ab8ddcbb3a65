"""The shop's books, kept from the log alone: stock, money and orders have to add up at every position."""
import collections


class Books:
    """Goes through the log; what does not add up is an AssertionError with its position."""

    def __init__(self, log):
        self.on_hand = collections.Counter()
        self.received = collections.Counter()
        self.shipped = collections.Counter()
        self.reserved = collections.defaultdict(dict)  # by code and order
        self.orders = {}  # what was placed, by order
        self.status = {}  # placed, confirmed, cancelled or shipped, by order
        self.reasons = collections.Counter()
        self.authorized, self.captured, self.refunded = {}, {}, {}
        self.deliveries = collections.Counter()  # quantities announced, by code
        self.versions = collections.Counter()
        self.time = ""
        for number, record in enumerate(log, 1):
            try:
                self.enter(number, record)
            except AssertionError as wrong:
                raise AssertionError(f"{wrong} at {record}") from None

    @staticmethod
    def demand(holds, what):
        if not holds:
            raise AssertionError(what)

    def enter(self, number, record):
        self.demand(record["position"] == number, "a gap between positions")
        self.versions[record["stream"]] += 1
        self.demand(record["version"] == self.versions[record["stream"]], "a gap between versions")
        self.demand(record["time"] >= self.time, "time went back")
        self.time = record["time"]
        enter = getattr(self, record["type"].replace(".", "_"), None)
        if enter:
            enter(record["payload"])

    def delivery_received(self, e):
        for line in e["lines"]:
            self.deliveries[line["sku"]] += line["quantity"]

    def stock_received(self, e):
        self.on_hand[e["sku"]] += e["quantity"]
        self.received[e["sku"]] += e["quantity"]
        self.demand(self.received[e["sku"]] <= self.deliveries[e["sku"]], "more came than was delivered")

    def stock_reserved(self, e):
        wanted = sum(line["quantity"] for line in self.orders[e["order"]]["lines"] if line["sku"] == e["sku"])
        self.demand(e["quantity"] == wanted, f"{wanted} were ordered")
        self.demand(e["order"] not in self.reserved[e["sku"]], "reserved twice")
        self.on_hand[e["sku"]] -= e["quantity"]
        self.reserved[e["sku"]][e["order"]] = e["quantity"]
        self.demand(self.on_hand[e["sku"]] >= 0, "less than nothing in stock")

    def stock_released(self, e):
        self.demand(e["quantity"] == self.reserved[e["sku"]].pop(e["order"], 0), "released what was not reserved")
        self.on_hand[e["sku"]] += e["quantity"]

    def stock_shipped(self, e):
        self.demand(e["quantity"] == self.reserved[e["sku"]].pop(e["order"], None), "shipped what was not reserved")
        self.demand(e["order"] in self.captured, "shipped and not paid")
        self.shipped[e["sku"]] += e["quantity"]

    def order_placed(self, e):
        self.demand(e["order"] not in self.orders, "placed twice")
        total = sum(line["quantity"] * line["unit_price_cents"] for line in e["lines"])
        self.demand(e["total_cents"] == total, "the total is another")
        self.orders[e["order"]] = e
        self.status[e["order"]] = "placed"

    def move(self, order, before, after):
        self.demand(self.status[order] == before, f"it was {self.status[order]}")
        self.status[order] = after

    def order_confirmed(self, e):
        self.demand(e["order"] in self.captured and e["order"] not in self.refunded, "confirmed and not paid")
        self.move(e["order"], "placed", "confirmed")

    def order_shipped(self, e):
        self.move(e["order"], "confirmed", "shipped")

    def order_cancelled(self, e):
        self.move(e["order"], "placed", "cancelled")
        self.reasons[e["reason"]] += 1

    def payment_authorized(self, e):
        order = self.orders[e["order"]]
        limit = order["payment_limit_cents"]
        self.demand(e["cents"] == order["total_cents"], "not what the order costs")
        self.demand(not limit or e["cents"] <= limit, "above the limit")
        self.demand(e["order"] not in self.authorized, "authorized twice")
        self.authorized[e["order"]] = e["cents"]

    def payment_captured(self, e):
        self.demand(e["order"] not in self.captured, "captured twice")
        self.demand(e["cents"] == self.authorized.get(e["order"]), "not what was authorized")
        self.captured[e["order"]] = e["cents"]

    def payment_refunded(self, e):
        self.demand(e["order"] not in self.refunded, "refunded twice")
        self.demand(e["cents"] == self.captured.get(e["order"]), "not what was captured")
        self.refunded[e["order"]] = e["cents"]

    def close(self, test, summary, initial_stock):
        """All has ended: nothing is on its way any more, and the demo said the same."""
        shipped = {order for order, status in self.status.items() if status == "shipped"}
        cancelled = {order for order, status in self.status.items() if status == "cancelled"}
        test.assertEqual(shipped | cancelled, set(self.orders))
        test.assertEqual([r for r in self.reserved.values() if r], [])
        test.assertEqual(self.received, self.deliveries)
        for code in self.received:
            test.assertEqual(self.received[code], self.on_hand[code] + self.shipped[code], code)
        sold = collections.Counter()
        for order in shipped:
            for line in self.orders[order]["lines"]:
                sold[line["sku"]] += line["quantity"]
        test.assertEqual(self.shipped, sold)
        test.assertEqual({o for o in self.captured if o not in self.refunded}, shipped)
        revenue = sum(self.captured.values()) - sum(self.refunded.values())
        returned = sum(self.received.values()) - initial_stock * len(self.received)
        test.assertEqual(
            {"orders_placed": len(self.orders), "orders_shipped": len(shipped), "orders_cancelled": len(cancelled),
             "cancelled_by_reason": dict(self.reasons), "units_sold": sum(self.shipped.values()),
             "revenue_cents": revenue, "units_returned": returned},
            {name: summary[name] for name in ("orders_placed", "orders_shipped", "orders_cancelled",
                                              "cancelled_by_reason", "units_sold", "revenue_cents", "units_returned")})
