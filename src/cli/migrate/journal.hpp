// What a migration has begun to do: each step is on the disk before it is done, so that one that
// broke off can be gone on with or undone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "cli/migrate/step.hpp"
#include "cli/migrate/tree.hpp"

namespace npu::cli::migrate {

// What was moved aside lies here too, by its path. Not below /var/lib/hailo: it outlives a purge.
inline constexpr std::string_view kKept = "/var/backups/hailo-migration";

// How the drop-ins begin that an undo leaves, for the old units to start beside our packages.
inline constexpr std::string_view kOfUndo = "# Of hailoctl migrate --undo";

std::string kept_path(std::string_view path);

class Journal {
 public:
  // An empty one where there is none. kMalformed where it cannot be understood: nothing is to be
  // done then, or undone.
  static Result<Journal> read(const Tree& tree);

  const std::vector<Step>& steps() const { return steps_; }
  bool is_done(std::string_view service, std::string_view how) const;
  // How the unit was before it was first stopped.
  std::optional<Step> first_stop(std::string_view unit) const;

  Status begin(const Tree& tree, const Step& step);
  // The last step is undone: the journal does not have it any more.
  Status undone(const Tree& tree);
  // All is undone: removes it, and the folders that are empty.
  Status finish_undo(const Tree& tree);

 private:
  void add(Step step);
  Status append(const Tree& tree, const std::string& line);

  std::vector<Step> steps_;
  std::vector<std::string> folders_;  // that things were kept in
  std::optional<std::string> whole_;  // of a file whose last line broke off, what is before it
};

}  // namespace npu::cli::migrate
