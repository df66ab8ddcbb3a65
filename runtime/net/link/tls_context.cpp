#include "net/link/tls_context.hpp"

#include "store/os/descriptor.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

namespace annals::net {
namespace {

constexpr std::size_t file_bytes_max = 1 << 20;

template <auto Free>
struct freed {
  template <class T>
  void operator()(T* one) const {
    Free(one);
  }
};
using certificate_ptr = std::unique_ptr<X509, freed<X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, freed<EVP_PKEY_free>>;
using bio_ptr = std::unique_ptr<BIO, freed<BIO_free>>;
using trusted_ptr = std::unique_ptr<X509_STORE, freed<X509_STORE_free>>;
using check_ptr = std::unique_ptr<X509_STORE_CTX, freed<X509_STORE_CTX_free>>;

error bad_file(std::string_view what, const std::filesystem::path& file, std::string why) {
  return {errc::bad_option, std::string{what} + ": " + std::move(why), file.string()};
}

error system_says(std::string_view what, const std::filesystem::path& file) {
  return bad_file(what, file, std::error_code{errno, std::generic_category()}.message());
}

result<std::string> content(std::string_view what, const std::filesystem::path& file, bool secret) {
  const store::descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  struct stat found{};
  if (opened.get() < 0 || ::fstat(opened.get(), &found) != 0) return system_says(what, file);
  if (!S_ISREG(found.st_mode)) return bad_file(what, file, "not a file");
  if (secret && (found.st_mode & S_IRWXO) != 0) return bad_file(what, file, "other users can use it; take that right away (chmod o=)");
  std::string bytes;
  for (char block[8192];;) {
    const auto got = ::read(opened.get(), block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_says(what, file);
    if (got == 0) return bytes;
    bytes.append(block, static_cast<std::size_t>(got));
    if (bytes.size() > file_bytes_max) return bad_file(what, file, "larger than 1 MiB");
  }
}

bio_ptr over(const std::string& bytes) { return bio_ptr{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))}; }

/// OpenSSL would ask at the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

result<std::vector<certificate_ptr>> certificates(std::string_view what, const std::filesystem::path& file) {
  auto bytes = content(what, file, false);
  if (!bytes) return std::move(bytes).error();
  std::vector<certificate_ptr> all;
  ERR_clear_error();
  for (const auto in = over(*bytes); auto* one = PEM_read_bio_X509(in.get(), nullptr, no_passphrase, nullptr);) all.emplace_back(one);
  const bool read_to_the_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  auto why = tls_complaint("not readable");
  if (!read_to_the_end) return bad_file(what, file, std::move(why));
  if (all.empty()) return bad_file(what, file, "no certificate in it");
  return all;
}

result<key_ptr> private_key(const std::filesystem::path& file) {
  auto bytes = content("key", file, true);
  if (!bytes) return std::move(bytes).error();
  ERR_clear_error();
  key_ptr key{PEM_read_bio_PrivateKey(over(*bytes).get(), nullptr, no_passphrase, nullptr)};
  OPENSSL_cleanse(bytes->data(), bytes->size());
  if (!key) return bad_file("key", file, tls_complaint("no private key in it") + " (a key with a passphrase cannot be used)");
  return key;
}

/// The certificate's way to the CA, as the peers will check it: signatures and dates.
std::string flaw(const std::vector<certificate_ptr>& own, X509_STORE* trusted) {
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> between{sk_X509_new_null(), [](STACK_OF(X509) * s) { sk_X509_free(s); }};
  for (std::size_t i = 1; i < own.size(); ++i) sk_X509_push(between.get(), own[i].get());
  const check_ptr check{X509_STORE_CTX_new()};
  if (!check || X509_STORE_CTX_init(check.get(), trusted, own.front().get(), between.get()) != 1) return tls_complaint("no memory");
  if (X509_verify_cert(check.get()) == 1) return {};
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
}

}  // namespace

std::string tls_complaint(std::string otherwise) {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text ? text : std::move(otherwise);
}

result<std::shared_ptr<SSL_CTX>> load_tls(const tls_files& files) {
  auto ca = certificates("ca", files.ca);
  if (!ca) return std::move(ca).error();
  auto own = certificates("certificate", files.certificate);
  if (!own) return std::move(own).error();
  auto key = private_key(files.key);
  if (!key) return std::move(key).error();
  if (X509_check_private_key(own->front().get(), key->get()) != 1) {
    ERR_clear_error();
    return bad_file("key", files.key, "not the key of " + files.certificate.string());
  }

  trusted_ptr trusted{X509_STORE_new()};
  if (!trusted) return bad_file("ca", files.ca, tls_complaint("no memory"));
  for (const auto& one : *ca)
    if (X509_STORE_add_cert(trusted.get(), one.get()) != 1) return bad_file("ca", files.ca, tls_complaint("not usable"));
  if (auto why = flaw(*own, trusted.get()); !why.empty())
    return bad_file("certificate", files.certificate, std::move(why) + " (checked with the CA " + files.ca.string() + ")");

  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  if (!context) return error{errc::bad_option, "TLS cannot be used", tls_complaint("no memory")};
  auto* c = context.get();
  SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION);
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);  // a link is a connection of its own, with a whole handshake
  SSL_CTX_set_num_tickets(c, 0);
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_store(c, trusted.release());
  if (SSL_CTX_use_certificate(c, own->front().get()) != 1 || SSL_CTX_use_PrivateKey(c, key->get()) != 1)
    return bad_file("certificate", files.certificate, tls_complaint("not usable"));
  for (std::size_t i = 1; i < own->size(); ++i)
    if (SSL_CTX_add1_chain_cert(c, (*own)[i].get()) != 1) return bad_file("certificate", files.certificate, tls_complaint("not usable"));
  return context;
}

ssl_ptr tls_over(SSL_CTX& context, int socket, bool accepts) {
  ssl_ptr made{SSL_new(&context)};
  if (!made || SSL_set_fd(made.get(), socket) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  if (accepts)
    SSL_set_accept_state(made.get());
  else
    SSL_set_connect_state(made.get());
  return made;
}

}  // namespace annals::net
