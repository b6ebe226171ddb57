// Does and undoes the steps of a migration.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "cli/migrate/journal.hpp"
#include "cli/migrate/step.hpp"
#include "cli/migrate/tree.hpp"
#include "cli/migrate/units.hpp"

namespace npu::cli::migrate {

class Executor {
 public:
  // tell: is given lines for people: what is done, and what they should know.
  Executor(const Tree& tree, const Units& units, std::function<void(const std::string&)> tell)
      : tree_(tree), units_(units), tell_(std::move(tell)) {}

  // Each step is in the journal before it is done. Ends at the first that fails.
  Status run(Journal& journal, const std::vector<Step>& steps);
  // All that the journal has, the last first. Ends at the first that fails; undoing again goes on
  // with that.
  Status undo(Journal& journal);

 private:
  Status run(const Step& step);
  Status undo(const Step& step);
  Status keep(const Step& step);
  Status adopt(const Step& step);
  Status copy_database(const Step& step);
  Status put_back(const Step& step);
  Status take_back_text(const Step& step);
  Status take_back_database(const Step& step);
  Status free_of_ours(const std::string& unit);

  const Tree& tree_;
  const Units& units_;
  std::function<void(const std::string&)> tell_;
};

}  // namespace npu::cli::migrate
