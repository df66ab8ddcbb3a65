#include "golden/picture.hpp"

namespace golden {
namespace {

struct record_line {
  std::uint64_t position = 0;
  std::string stream;
  std::uint64_t version = 0;
  std::int64_t time = 0;
  std::string type;
  std::uint16_t schema = 0;
  std::string command_id;
  std::uint64_t fingerprint = 0;
  std::uint16_t index = 0, count = 0;
  std::string causation, correlation, principal;
  std::uint64_t seen = 0, bytes = 0, checksum = 0;
  annals::encoded_value payload;
  static constexpr auto about = annals::describe(
      "record", 1, field{"position", &record_line::position}, field{"stream", &record_line::stream}, field{"version", &record_line::version},
      field{"time", &record_line::time}, field{"type", &record_line::type}, field{"schema", &record_line::schema},
      field{"command_id", &record_line::command_id}, field{"fingerprint", &record_line::fingerprint}, field{"index", &record_line::index},
      field{"count", &record_line::count}, field{"causation", &record_line::causation}, field{"correlation", &record_line::correlation},
      field{"principal", &record_line::principal}, field{"seen", &record_line::seen}, field{"bytes", &record_line::bytes},
      field{"checksum", &record_line::checksum}, field{"payload", &record_line::payload});
};
struct store_line {
  std::string store;
  std::uint64_t history = 0, head = 0;
  static constexpr auto about =
      annals::describe("store", 1, field{"store", &store_line::store}, field{"history", &store_line::history}, field{"head", &store_line::head});
};
struct stream_line {
  std::string stream;
  std::uint64_t version = 0;
  static constexpr auto about = annals::describe("stream", 1, field{"stream", &stream_line::stream}, field{"version", &stream_line::version});
};
struct state_line {
  std::string state_of;
  std::uint64_t version = 0, at = 0;
  annals::encoded_value state;
  static constexpr auto about = annals::describe("state", 1, field{"state_of", &state_line::state_of}, field{"version", &state_line::version},
                                                 field{"at", &state_line::at}, field{"state", &state_line::state});
};
struct model_line {
  std::map<std::string, std::string> parcels;
  static constexpr auto about = annals::describe("model", 1, field{"parcels", &model_line::parcels});
};

template <annals::described T>
std::string json(const T& line) {
  return annals::to_json(annals::encoded(line)).value();
}

template <class A>
std::string state_of(const program& on, const std::string& key, const annals::as_of& when) {
  const auto past = on.state_of<A>(key, when);
  return json(state_line{std::string{A::category} + "-" + key, past.version, past.at, {annals::encoded(past.state)}});
}

std::string line_of(const annals::record_view& r) {
  return json(record_line{r.at,
                          std::string{r.stream},
                          r.version,
                          r.time,
                          std::string{r.type},
                          r.schema,
                          std::string{r.command_id},
                          r.fingerprint,
                          r.index,
                          r.count,
                          std::string{r.causation},
                          std::string{r.correlation},
                          std::string{r.principal},
                          r.seen,
                          r.stored_bytes,
                          r.checksum,
                          {std::string{r.payload}}});
}

}  // namespace

lines picture_of_log(const annals::store_view& view) {
  lines seen{json(store_line{view.store_id(), view.head().history, view.head().at})};
  view.log(1, [&](const annals::record_view& r) { return seen.push_back(line_of(r)), true; }).value();
  view.streams(
          "", [&](std::string_view stream, annals::version version) { return seen.push_back(json(stream_line{std::string{stream}, version})), true; })
      .value();
  return seen;
}

lines picture_of_records(const program& on, annals::position head) {
  lines seen;
  on.log(1, head, [&](const annals::record_view& r) { seen.push_back(line_of(r)); });
  return seen;
}

lines picture_of_states(const program& on, annals::position head) {
  lines seen;
  for (const auto* key : {"p1", "p2", "p3", "p4", "p5"}) {
    seen.push_back(state_of<parcel>(on, key, {.position = head}));
    for (annals::version v = 1; v <= 9; v += 4) seen.push_back(state_of<parcel>(on, key, {.version = v, .position = head}));
  }
  for (const auto* street : {"Lange Straße", "Kerkstraat", "Nowhere"}) seen.push_back(state_of<courier>(on, street, {.position = head}));
  seen.push_back(json(model_line{on.all_parcels()}));
  return seen;
}

}  // namespace golden
