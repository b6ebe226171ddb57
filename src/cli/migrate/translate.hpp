// From a configuration of the Python project to ours, key by key.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "cli/migrate/old_keys.hpp"
#include "cli/migrate/old_services.hpp"

namespace npu::cli::migrate {

struct TranslateOptions {
  std::string source;                        // the old file's path, for the new one's head
  bool keep_open = false;                    // what listened on all addresses goes on to
  std::map<std::string, std::string> moved;  // model files, from where to where
  std::vector<std::pair<std::string, std::string>> extra;  // keys that the old file could not have
};

struct Translated {
  std::string text;                // our file
  std::vector<std::string> taken;  // "server.port: 11439"
  std::vector<std::string> notes;  // what has no counterpart, and what is otherwise than it was
  bool was_open = false;           // it listened on all addresses
};

// service: one that has a program here.
Translated translate(const OldService& service, const std::vector<OldKey>& keys,
                     const TranslateOptions& options);

// Whether this is all addresses, in the words of the Python project: 0.0.0.0, ::, *, or nothing.
bool is_all_addresses(std::string_view host);

}  // namespace npu::cli::migrate
