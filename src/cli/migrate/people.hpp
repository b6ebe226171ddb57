// The people of a face database.
#pragma once

#include <cstdint>
#include <string>

#include <npu/result.hpp>

namespace npu::cli::migrate {

struct PeopleCopied {
  std::int64_t people = 0;
  std::int64_t embeddings = 0;
};

// All of it, also what is still in its write-ahead log, as one new file. Both paths are on the
// disk, in folders that only root may write to. kVersionMismatch: it is damaged, or no such
// database.
Result<PeopleCopied> copy_people(const std::string& from, const std::string& to);

}  // namespace npu::cli::migrate
