// NAME.sha256 beside NAME, as sha256sum(1) writes and checks it: what the file had when it came.
#pragma once

#include <string>

#include <npu/result.hpp>

namespace npu::store {

// Of the file at `path`. "" where there is none; kMalformed where there is one that does not say.
Result<std::string> recorded_sha256(const std::string& path);
Status record_sha256(const std::string& path, const std::string& sha256);

// 64 hexadecimal digits, in lower case; kInvalidArgument for anything else.
Result<std::string> parse_sha256(const std::string& text);

}  // namespace npu::store
