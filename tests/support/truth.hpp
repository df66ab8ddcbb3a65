// What the log says, folded without the runtime: checks the promises at every position, and computes the figures that the
// read models must have. Throws `broken_promise`.
#pragma once

#include <annals/record.hpp>
#include <bank/transfer.hpp>
#include <projections/stock_levels.hpp>
#include <shop/fulfilment.hpp>
#include <shop/restocking.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

struct broken_promise : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws if it does not hold.
inline void promise(bool holds, const std::string& what) {
  if (!holds) throw broken_promise{what};
}

/// Checks positions, versions, times and commands, of any domain.
class order_of_records {
public:
  void follow(const annals::record_view& record);
  /// The log must end between two commands.
  void check_end() const;

  struct written {
    annals::position at = 0;  // of its last event
    annals::version before = 0;
    annals::version version = 0;
    std::uint32_t events = 0;
  };
  /// The command with this id in this stream; null if it wrote nothing.
  const written* find(const std::string& stream, const std::string& id) const;
  annals::version version_of(const std::string& stream) const;

private:
  annals::position at_ = 0;
  annals::timestamp time_ = 0;
  std::map<std::string, annals::version> versions_;
  std::map<std::pair<std::string, std::string>, written> commands_;
  std::string open_stream_;  // of the command whose events are not complete yet
  std::uint16_t next_index_ = 0;
  std::uint16_t count_ = 0;
};

/// Money is neither created nor lost.
class bank_truth {
public:
  void follow(const annals::record_view& record);
  /// Every transfer has ended, with all of its steps or with none in effect.
  void check_end() const;

  std::map<std::string, std::int64_t> balances;

private:
  struct transfer_ledger {
    std::string from, to;
    std::int64_t cents = 0;
    int withdrawn = 0, deposited = 0, given_back = 0;
    std::string ended;
  };
  void move(const annals::record_view& record, std::int64_t cents);

  std::map<std::string, transfer_ledger> transfers_;
  std::int64_t by_hand_ = 0;
  std::int64_t under_way_ = 0;
  std::int64_t sum_ = 0;
};

/// Stock, money and orders add up.
class shop_truth {
public:
  void follow(const annals::record_view& record);
  /// Every order is shipped or cancelled completely; every delivery is in stock.
  void check_end() const;

  std::map<std::string, projections::stock_level> stock;
  std::map<std::string, std::string> statuses;  // by order

private:
  struct order_ledger {
    std::map<std::string, std::int64_t> wanted, reserved, shipped;  // by SKU
    std::int64_t total_cents = 0;
    std::int64_t paid_cents = 0;  // captured and not refunded
  };
  void follow_stock(const annals::record_view& record);
  void follow_payment(const annals::record_view& record);
  void follow_order(const annals::record_view& record);
  void follow_delivery(const annals::record_view& record);

  std::map<std::string, order_ledger> orders_;
  struct delivery_ledger {
    std::map<std::string, std::int64_t> wanted, received;
    bool completed = false;
  };
  std::map<std::string, delivery_ledger> deliveries_;
};

struct truth {
  order_of_records order;
  bank_truth bank;
  shop_truth shop;

  void follow(const annals::record_view& record) {
    order.follow(record);
    bank.follow(record);
    shop.follow(record);
  }
};
