// A CA and certificates of nodes, made by the openssl command in a directory of their own.
#pragma once

#include "support/temporary_directory.hpp"

#include <annals/link_options.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

class certificates {
public:
  certificates() {
    std::ofstream{place() / "index.txt"};
    std::ofstream{place() / "ca.cnf"} << "[ca]\ndefault_ca=us\n[us]\ndir=" << place().string()
                                      << "\ndatabase=$dir/index.txt\nnew_certs_dir=$dir\nrand_serial=yes\ndefault_md=sha256\npolicy=any\n"
                                         "unique_subject=no\n[any]\ncommonName=supplied\n";
    key("ca");
    openssl("req -x509 -key ca.key -subj /CN=ca -days 2 -out ca.pem");
    for (const auto* name : {"a", "b", "c"}) {
      key(name);
      sign(name, "-days 2");
    }
    key("old");
    sign("old", "-startdate 20200101000000Z -enddate 20200102000000Z");
    openssl("ec -in a.key -aes128 -passout pass:secret -out secret.key");
  }

  std::filesystem::path place() const { return directory_.path; }
  annals::tls_files node(const std::string& name) const { return {place() / "ca.pem", place() / (name + ".pem"), place() / (name + ".key")}; }
  annals::tls_files expired() const { return node("old"); }
  annals::tls_files with_passphrase() const { return {place() / "ca.pem", place() / "a.pem", place() / "secret.key"}; }

  void connect_without_certificate(int port) const { connect(port, ""); }
  void connect_with_expired(int port) const { connect(port, " -cert old.pem -key old.key"); }

private:
  void connect(int port, const std::string& with) const {
    const auto to = " -connect 127.0.0.1:" + std::to_string(port) + with;
    (void)std::system(("cd " + place().string() + " && openssl s_client" + to + " </dev/null >/dev/null 2>&1").c_str());
  }
  void openssl(const std::string& what) const {
    const auto line = "cd " + place().string() + " && umask 077 && openssl " + what + " >>log 2>&1";
    if (std::system(line.c_str()) != 0) throw std::runtime_error(line);
  }
  void key(const std::string& name) const { openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + name + ".key"); }
  void sign(const std::string& name, const std::string& dates) const {
    openssl("req -new -key " + name + ".key -subj /CN=" + name + " -out " + name + ".csr");
    openssl("ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in " + name + ".csr " + dates + " -out " + name + ".pem");
  }

  temporary_directory directory_;
};
