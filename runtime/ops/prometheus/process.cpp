// What /proc says about this process: proc(5).
#include <annals/prometheus.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace annals {
namespace {

/// The fields of /proc/self/stat after the name of the program, which may have spaces in it. The first one is field 3.
std::vector<std::string> fields_of_stat() {
  std::ifstream file{"/proc/self/stat"};
  std::string line;
  std::getline(file, line);
  const auto end_of_name = line.rfind(')');
  if (end_of_name == std::string::npos) return {};
  std::istringstream rest{line.substr(end_of_name + 1)};
  return {std::istream_iterator<std::string>{rest}, {}};
}

/// When the machine was started, in seconds since 1970.
std::optional<double> boot_time() {
  std::ifstream file{"/proc/stat"};
  for (std::string word; file >> word;)
    if (double seconds = 0; word == "btime" && file >> seconds) return seconds;
  return std::nullopt;
}

class process_families {
public:
  void add(metric_kind kind, std::string name, std::string help, double value) {
    metric one;
    one.value = value;
    all_.families.push_back({std::move(name), std::move(help), kind, {}, {std::move(one)}});
  }
  metrics taken() && { return std::move(all_); }

private:
  metrics all_;
};

void add_stat(process_families& to) {
  const auto fields = fields_of_stat();
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const auto number = [&](std::size_t field) { return std::stod(fields[field - 3]); };
  constexpr std::size_t user_time = 14, system_time = 15, started = 22, virtual_bytes = 23, resident_pages = 24;
  if (fields.size() < resident_pages - 2 || ticks <= 0) return;
  to.add(metric_kind::counter, "process_cpu_seconds_total", "Time that the process has used of all processors.",
         (number(user_time) + number(system_time)) / ticks);
  to.add(metric_kind::gauge, "process_virtual_memory_bytes", "Address space, most of it reserved for the log and not used.", number(virtual_bytes));
  to.add(metric_kind::gauge, "process_resident_memory_bytes", "Memory in use, with the pages of files that are mapped.",
         number(resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  if (const auto boot = boot_time())
    to.add(metric_kind::gauge, "process_start_time_seconds", "When the process was started, in seconds since 1970.", *boot + number(started) / ticks);
}

void add_files(process_families& to) {
  std::error_code wrong;
  double open = 0;
  for (std::filesystem::directory_iterator one{"/proc/self/fd", wrong}, end; !wrong && one != end; one.increment(wrong)) ++open;
  if (!wrong) to.add(metric_kind::gauge, "process_open_fds", "Open files and sockets.", open);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
    to.add(metric_kind::gauge, "process_max_fds", "How many may be open at a time.", static_cast<double>(limit.rlim_cur));
}

}  // namespace

metrics process_metrics() {
  process_families all;
  try {
    add_stat(all);
    add_files(all);
  } catch (...) {
    // A line of /proc that is not as proc(5) says: what was read before it is shown.
  }
  return std::move(all).taken();
}

}  // namespace annals
