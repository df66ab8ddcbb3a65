#include "benchmarks/other_process.hpp"

#include "benchmarks/must.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <annals/keys.hpp>

#include <cstdlib>
#include <fstream>

namespace bench {
namespace {

void openssl(const std::filesystem::path& directory, const std::string& what) {
  const auto line = "cd '" + directory.string() + "' && umask 077 && openssl " + what + " >/dev/null 2>&1";
  if (std::system(line.c_str()) != 0) fail("the openssl command failed: openssl " + what);
}

void make_certificates(const std::filesystem::path& directory) {
  const std::string curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  openssl(directory, "req -x509 " + curve + " -keyout ca.key -subj /CN=annals-bench-ca -days 2 -out ca.pem");
  openssl(directory, "req " + curve + " -keyout node.key -subj /CN=annals-bench -out node.csr");
  openssl(directory, "x509 -req -in node.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out node.pem");
}

annals::link_options links(const credentials& of) {
  annals::link_options with;
  if (of.has_tls) with.tls = annals::tls_files{of.directory / "ca.pem", of.directory / "node.pem", of.directory / "node.key"};
  return with;
}

}  // namespace

credentials credentials::made_in(const std::filesystem::path& directory, bool with_tls) {
  std::filesystem::create_directories(directory);
  credentials made{directory, must(annals::make_key_file(directory / "server.key")), must(annals::make_key_file(directory / "client.key")), with_tls};
  std::ofstream{directory / "peers.toml"}
      << "[[peer]]\nname = \"bench\"\nkeys = [\"" << made.client_key
      << "\"]\nappend = [\"*\"]\nread = [\"*\"]\nask = [\"*\"]\nreplay = [\"*\"]\noperate = [\"*\"]\nadmin = [\"*\"]\n";
  if (with_tls) make_certificates(directory);
  return made;
}

annals::listen_options credentials::listening(const std::string& at) const {
  annals::listen_options with;
  with.at = at;
  with.name = "bench-server";
  with.key = directory / "server.key";
  with.peers = directory / "peers.toml";
  with.link = links(*this);
  return with;
}

annals::remote_options credentials::calling() const {
  annals::remote_options with;
  with.name = "bench";
  with.key = directory / "client.key";
  with.server_keys = {server_key};
  with.link = links(*this);
  return with;
}

other_process::other_process(const std::function<void(const ready&)>& serve) {
  int to_child[2], to_parent[2];
  if (::pipe(to_child) != 0 || ::pipe(to_parent) != 0) fail("no pipe");
  child_ = ::fork();
  if (child_ < 0) fail("no fork");
  if (child_ == 0) {
    ::close(to_child[1]);
    ::close(to_parent[0]);
    serve([&](std::uint16_t port) {
      (void)!::write(to_parent[1], &port, sizeof port);
      char byte;
      while (::read(to_child[0], &byte, 1) > 0) {
      }
    });
    ::_exit(0);
  }
  ::close(to_child[0]);
  ::close(to_parent[1]);
  to_child_ = to_child[1];
  if (::read(to_parent[0], &port_, sizeof port_) != sizeof port_) fail("the other process has not started");
  ::close(to_parent[0]);
}

other_process::~other_process() {
  ::close(to_child_);
  ::waitpid(child_, nullptr, 0);
}

void write_row(const std::filesystem::path& file, const figures& row) { std::ofstream{file} << row.dump(); }

figures read_row(const std::filesystem::path& file) {
  figures row;
  std::ifstream{file} >> row;
  return row;
}

}  // namespace bench
