#include "store/sha256.hpp"

#include <array>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.hpp"

namespace npu::store {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{1} << 20;

// What fails here is memory, or a libcrypto whose configuration has no SHA-256.
void check(int done) {
  if (done != 1) throw std::runtime_error("libcrypto does not compute SHA-256");
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const { ::EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(::EVP_MD_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  check(::EVP_DigestInit_ex(context_.get(), ::EVP_sha256(), nullptr));
}

void Sha256::add(std::span<const std::byte> bytes) {
  check(::EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256::finish() {
  std::array<unsigned char, 32> sum{};
  check(::EVP_DigestFinal_ex(context_.get(), sum.data(), nullptr));
  std::string digits;
  for (const unsigned byte : sum) digits += fmt::format("{:02x}", byte);
  return digits;
}

Result<std::string> sha256_of_file(const std::string& path) {
  const auto cannot_read = [&](int number) {
    const ErrorCode code = number == ENOENT   ? ErrorCode::kNotFound
                           : number == EACCES ? ErrorCode::kPermission
                                              : ErrorCode::kInvalidArgument;
    return fail(code,
                fmt::format("cannot read {}: {}", path, std::generic_category().message(number)));
  };
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return cannot_read(errno);
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  std::vector<std::byte> buffer(kReadAtOnce);
  Sha256 sum;
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return cannot_read(errno);
    if (got == 0) return sum.finish();
    sum.add(std::span(buffer).first(static_cast<std::size_t>(got)));
  }
}

}  // namespace npu::store
