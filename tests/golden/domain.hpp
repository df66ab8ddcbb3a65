// What the golden stores are written with: parcels, couriers, and a process manager between them, with a field of every
// kind. The events are in those stores for ever; changing one takes what annals/describe.hpp says of schemas.
#pragma once

#include <annals/process.hpp>
#include <annals/projection.hpp>

#include <set>

namespace golden {

using annals::field;
using namespace std::chrono_literals;

enum class box : std::uint8_t { small = 1, large = 200 };

struct item {
  std::string name;
  std::int64_t grams = 0;
  static constexpr auto about = annals::describe("item", 1, field{"name", &item::name}, field{"grams", &item::grams});
};

struct send_parcel {
  std::string street;
  static constexpr auto about = annals::describe("send_parcel", 1, field{"street", &send_parcel::street});
};
struct add_notes {
  std::vector<std::string> texts;  // an event for each
  static constexpr auto about = annals::describe("add_notes", 1, field{"texts", &add_notes::texts});
};
struct deliver {
  static constexpr auto about = annals::describe("deliver", 1);
};
struct mark_late {
  static constexpr auto about = annals::describe("mark_late", 1);
};

struct parcel_sent {
  std::string parcel, street;
  bool insured = true;
  std::int8_t floor = -1;
  std::int64_t cents = std::int64_t{-1} << 40;
  std::uint64_t number = ~std::uint64_t{0};
  double metres = 0.125;
  box size = box::large;
  std::optional<std::string> note, no_note;
  std::vector<item> items;
  std::map<std::string, std::int64_t> fees;
  std::set<std::string> marks;
  item packing;
  static constexpr auto about =
      annals::describe("parcel_sent", 1, field{"parcel", &parcel_sent::parcel}, field{"street", &parcel_sent::street},
                       field{"insured", &parcel_sent::insured}, field{"floor", &parcel_sent::floor}, field{"cents", &parcel_sent::cents},
                       field{"number", &parcel_sent::number}, field{"metres", &parcel_sent::metres}, field{"size", &parcel_sent::size},
                       field{"note", &parcel_sent::note}, field{"no_note", &parcel_sent::no_note}, field{"items", &parcel_sent::items},
                       field{"fees", &parcel_sent::fees}, field{"marks", &parcel_sent::marks}, field{"packing", &parcel_sent::packing});
};
struct noted {
  std::string text;
  static constexpr auto about = annals::describe("noted", 1, field{"text", &noted::text});
};
struct parcel_delivered {
  static constexpr auto about = annals::describe("parcel_delivered", 1);
};
struct parcel_late {
  static constexpr auto about = annals::describe("parcel_late", 1);
};

struct parcel {
  static constexpr std::string_view category = "parcel";
  static constexpr std::uint64_t snapshot_every = 4;
  using commands = annals::types<send_parcel, add_notes, deliver, mark_late>;
  using events = annals::types<parcel_sent, noted, parcel_delivered, parcel_late>;
  struct state {
    parcel_sent sent;
    std::vector<std::string> notes;
    bool delivered = false;
    std::int64_t late = 0;
    static constexpr auto about = annals::describe("state", 1, field{"sent", &state::sent}, field{"notes", &state::notes},
                                                   field{"delivered", &state::delivered}, field{"late", &state::late});
  };
  using decision = annals::decision<parcel>;
  static decision decide(const state& s, const send_parcel& c, const annals::context& about) {
    if (!s.sent.parcel.empty()) return annals::reject("already_sent");
    parcel_sent sent;
    sent.parcel = about.key;
    sent.street = c.street;
    sent.note = "fragile";
    sent.items = {{"book", 500}, {"lamp", 1'200}};
    sent.fees = {{"postage", 499}, {"insurance", 150}};
    sent.marks = {"up", "glass"};
    sent.packing = {"straw", 80};
    return sent;
  }
  static decision decide(const state&, const add_notes& c, const annals::context&) {
    std::vector<annals::event_of<parcel>> all;
    for (const auto& text : c.texts) all.push_back(noted{text});
    return all;
  }
  static decision decide(const state& s, const deliver&, const annals::context&) {
    if (s.delivered) return annals::nothing;
    return parcel_delivered{};
  }
  static decision decide(const state&, const mark_late&, const annals::context&) { return parcel_late{}; }
  static void evolve(state& s, const parcel_sent& e) { s.sent = e; }
  static void evolve(state& s, const noted& e) { s.notes.push_back(e.text); }
  static void evolve(state& s, const parcel_delivered&) { s.delivered = true; }
  static void evolve(state& s, const parcel_late&) { ++s.late; }
};

struct pick_up {
  std::string parcel;
  static constexpr auto about = annals::describe("pick_up", 1, field{"parcel", &pick_up::parcel});
};
struct picked_up {
  std::string parcel;
  static constexpr auto about = annals::describe("picked_up", 1, field{"parcel", &picked_up::parcel});
};
/// One for each street.
struct courier {
  static constexpr std::string_view category = "courier";
  using commands = annals::types<pick_up>;
  using events = annals::types<picked_up>;
  struct state {
    std::int64_t parcels = 0;
    static constexpr auto about = annals::describe("state", 1, field{"parcels", &state::parcels});
  };
  static annals::decision<courier> decide(const state&, const pick_up& c, const annals::context& about) {
    if (about.key == "Nowhere") return annals::reject("no_such_street", "nobody lives there");
    return picked_up{c.parcel};
  }
  static void evolve(state& s, const picked_up&) { ++s.parcels; }
};

struct shipping_begun {
  std::string parcel;
  static constexpr auto about = annals::describe("shipping_begun", 1, field{"parcel", &shipping_begun::parcel});
};
struct pick_up_refused {
  std::string why;
  static constexpr auto about = annals::describe("pick_up_refused", 1, field{"why", &pick_up_refused::why});
};
struct looked_again {
  static constexpr auto about = annals::describe("looked_again", 1);
};
struct look_again {
  static constexpr auto about = annals::describe("look_again", 1);
};
struct overdue {
  std::string parcel;
  static constexpr auto about = annals::describe("overdue", 1, field{"parcel", &overdue::parcel});
};
/// Sends a courier for each parcel. Where none can go it looks again after a moment, and after an hour the parcel is late.
struct shipping {
  static constexpr std::string_view category = "shipping";
  using observes = annals::types<parcel, courier>;
  using events = annals::types<shipping_begun, pick_up_refused, looked_again>;
  using timers = annals::types<look_again, overdue>;
  struct state {
    std::string parcel, refused;
    bool looked = false;
    static constexpr auto about =
        annals::describe("state", 1, field{"parcel", &state::parcel}, field{"refused", &state::refused}, field{"looked", &state::looked});
  };
  using steps = annals::steps<shipping>;
  static std::optional<std::string> key(const parcel_sent& e) { return e.parcel; }
  static std::optional<std::string> key(const picked_up& e) { return e.parcel; }
  static steps on(const state&, const parcel_sent& e, const annals::context&) {
    return {shipping_begun{e.parcel}, annals::send<courier>(e.street, pick_up{e.parcel}), annals::after(1h, overdue{e.parcel})};
  }
  static steps on(const state&, const picked_up& e, const annals::context&) {
    return {annals::cancel<overdue>(), annals::send<parcel>(e.parcel, deliver{})};
  }
  static steps on(const state&, const look_again&, const annals::context&) { return looked_again{}; }
  static steps on(const state&, const overdue& t, const annals::context&) { return annals::send<parcel>(t.parcel, mark_late{}); }
  static steps rejected(const state&, const pick_up&, const annals::rejection& why, const annals::context&) {
    return {pick_up_refused{why.code}, annals::after(1ms, look_again{})};
  }
  static void evolve(state& s, const shipping_begun& e) { s.parcel = e.parcel; }
  static void evolve(state& s, const pick_up_refused& e) { s.refused = e.why; }
  static void evolve(state& s, const looked_again&) { s.looked = true; }
};

struct all_parcels {
  static constexpr auto about = annals::describe("all_parcels", 1);
};
struct parcels {
  static constexpr std::string_view name = "parcels";
  using follows = annals::types<parcel>;
  using queries = annals::types<all_parcels>;
  struct model {
    std::map<std::string, std::string> by_key;
  };
  static void apply(model& m, const parcel_sent& e, const annals::record_view& r) { m.by_key[std::string{r.key()}] = "to " + e.street; }
  static void apply(model& m, const parcel_delivered&, const annals::record_view& r) { m.by_key[std::string{r.key()}] += ", delivered"; }
  static std::map<std::string, std::string> answer(const model& m, const all_parcels&) { return m.by_key; }
};

}  // namespace golden
