// The guide's pieces of C++ about traces. They are compiled only; check.py compares them with the pages.
#include <annals/runtime.hpp>
#include <annals/trace_exporter.hpp>
#include <bank/account.hpp>

#include <string>

using bank::account;
using bank::deposit;

annals::result<annals::trace_exporter> export_spans(annals::runtime& rt) {
  return annals::trace_exporter::start(rt.spans(), {.endpoint = "http://127.0.0.1:4318", .service = "bank"});
}

annals::result<annals::receipt> handle(annals::runtime& rt, const std::string& traceparent) {  // the request's header
  return rt.send<account>("42", deposit{500}, {.trace = traceparent}).get();
}
