// SHA-256 of bytes and of files, as lower-case hexadecimal digits.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <npu/result.hpp>

struct evp_md_ctx_st;  // OpenSSL's

namespace npu::store {

class Sha256 {
 public:
  Sha256();
  void add(std::span<const std::byte> bytes);
  // Ends the computation; the object is of no use afterwards.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

// Reads the whole file; seconds for a large model. kNotFound, kPermission or kInvalidArgument name
// it.
Result<std::string> sha256_of_file(const std::string& path);

}  // namespace npu::store
