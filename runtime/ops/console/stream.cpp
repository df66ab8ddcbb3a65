// One record, and the records of one stream.
#include "ops/console/parameters.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/shapes.hpp"

namespace annals::ops {
namespace {

struct stream_part {
  record_list records;
  version last = 0;
  bool is_cut = false;  // by the bounds, not by the end of the stream
};

result<void> read(const call& c, const std::string& id, version from, bool backward, stream_part& into) {
  const auto visit = [&](const record_view& record) {
    into.last = record.version;
    into.is_cut = !into.records.add(record) || c.is_over();
    return !into.is_cut;
  };
  if (backward) return c.view().stream_backward(id, from, visit);
  return c.view().stream(id, from, visit);
}

}  // namespace

answer show_record(call& c) {
  parameters given{c.asked};
  const auto at = given.needed_number("position", 1);
  if (given.wrong()) return answer_of(*given.wrong());
  return answer_of(record_at(c, at, answer_bytes_max));
}

answer show_stream(call& c) {
  parameters given{c.asked};
  const auto id = given.needed_text("id");
  const bool backward = given.one_of("order", {"forward", "backward"}) == 1;
  const auto from = given.number("from", 1).value_or(backward ? ~version{0} : 1);
  stream_part part{record_list{c.view().types(), given.limit()}};
  if (given.wrong()) return answer_of(*given.wrong());
  const auto ends = ends_of(c.view(), id);
  if (!ends) return answer_of(ends.error());
  if (from <= ends->newest || backward)
    if (auto ok = read(c, id, from, backward, part); !ok) return answer_of(ok.error());
  std::optional<version> next;
  if (part.is_cut && backward && part.last > 1) next = part.last - 1;
  if (part.is_cut && !backward && part.last < ends->newest) next = part.last + 1;
  return answer_of(json{{"stream", text(id)},
                        {"category", text(category_of(id))},
                        {"kind", kind_of(c.view().types(), category_of(id))},
                        {"first", ends->first},
                        {"last", ends->last},
                        {"records", part.records.taken(backward)},
                        {"next", next ? json(*next) : json{}}});
}

}  // namespace annals::ops
