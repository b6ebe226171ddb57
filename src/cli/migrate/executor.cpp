#include "cli/migrate/executor.hpp"

#include <fmt/format.h>

#include "cli/migrate/people.hpp"

namespace npu::cli::migrate {
namespace {

constexpr mode_t kOwnerAlone = 0700;
constexpr mode_t kForAll = 0755;
constexpr std::size_t kMostText = std::size_t{1} << 20;
constexpr Access kRootsModel{0, 0, 0644};

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

// A path that is free, for what was written since the migration.
std::string since_path(const Tree& tree, const std::string& path) {
  const std::string wanted = path + ".since-migration";
  std::string free = wanted;
  for (int n = 2; !tree.look(free).is_absent(); ++n) free = fmt::format("{}-{}", wanted, n);
  return free;
}

}  // namespace

Status Executor::run(Journal& journal, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (const Status noted = journal.begin(tree_, step); !noted) return noted;
    if (const auto line = describe(step); !line.empty()) tell_(line);
    if (const Status done = run(step); !done) return done;
  }
  return {};
}

Status Executor::undo(Journal& journal) {
  while (!journal.steps().empty()) {
    if (const Status done = undo(journal.steps().back()); !done) return done;
    if (const Status noted = journal.undone(tree_); !noted) return noted;
  }
  return journal.finish_undo(tree_);
}

Status Executor::run(const Step& step) {
  switch (step.op) {
    case Step::Op::kStop: return units_.stop_and_disable(step.unit);
    case Step::Op::kKeep: return keep(step);
    case Step::Op::kWrite: {
      const Status made = tree_.make_folder(folder_of(step.to), kForAll);
      return made ? tree_.write(step.to, step.text, 0644) : made;
    }
    case Step::Op::kAdopt: return adopt(step);
    case Step::Op::kDatabase: return copy_database(step);
    case Step::Op::kReload: return units_.reload();
    case Step::Op::kStart: {
      Status done;
      if (step.enabled) done = units_.enable(step.unit);
      if (done && step.active) done = units_.start(step.unit);
      return done;
    }
    case Step::Op::kDone: break;
  }
  return {};
}

Status Executor::undo(const Step& step) {
  switch (step.op) {
    case Step::Op::kStop: {
      Status done = free_of_ours(step.unit);
      if (done) done = units_.reload();
      if (done && step.enabled) done = units_.enable(step.unit);
      if (done && step.active) done = units_.start(step.unit);
      if (done && step.active) tell_(fmt::format("{} runs again", step.unit));
      return done;
    }
    case Step::Op::kKeep: return put_back(step);
    case Step::Op::kWrite: return take_back_text(step);
    case Step::Op::kAdopt: {
      if (tree_.look(step.from).is_absent() && tree_.look(step.to).is_file()) {
        if (const Status moved = tree_.move(step.to, step.from); !moved) return moved;
      } else if (tree_.look(step.from).is_file()) {
        // It was a copy to another file system, or had not been moved yet.
        if (const Status removed = tree_.remove(step.to); !removed) return removed;
      } else {
        tell_(fmt::format("{} is gone from both places", step.from));
        return {};
      }
      return tree_.set_access(step.from, step.access);
    }
    case Step::Op::kDatabase: return take_back_database(step);
    case Step::Op::kStart:
      return step.enabled || step.active ? units_.stop_and_disable(step.unit) : Status();
    case Step::Op::kReload: return units_.reload();
    case Step::Op::kDone: break;
  }
  return {};
}

Status Executor::keep(const Step& step) {
  if (const Status made = tree_.make_folder(folder_of(step.to), kOwnerAlone); !made) return made;
  return tree_.move(step.from, step.to);
}

// Root's before it is moved, so that a step which breaks off leaves nothing that its old owner may
// write to; and looked at again, for until then he could have put something else in its place.
Status Executor::adopt(const Step& step) {
  if (const Status made = tree_.make_folder(folder_of(step.to), kForAll); !made) return made;
  if (const Status ours = tree_.set_access(step.from, kRootsModel); !ours) return ours;
  if (const Status moved = tree_.move(step.from, step.to); !moved) return moved;
  return tree_.set_access(step.to, kRootsModel);
}

Status Executor::copy_database(const Step& step) {
  const std::string fresh = kept_path(step.to) + ".new";
  if (const Status removed = tree_.remove(fresh); !removed) return removed;
  if (const Status made = tree_.make_folder(folder_of(fresh), kOwnerAlone); !made) return made;
  if (const Status made = tree_.make_folder(folder_of(step.to), kForAll); !made) return made;
  const auto copied = copy_people(tree_.on_disk(step.from), tree_.on_disk(fresh));
  if (copied) {
    tell_(fmt::format("  {} people with {} embeddings", copied->people, copied->embeddings));
    if (copied->embeddings > 0) {
      tell_("  The Python project made its embeddings up: nobody is known by them. Enrol again");
    }
  } else if (copied.error().code == ErrorCode::kVersionMismatch) {
    // hailo-face refuses it and says what helps, instead of beginning anew in its place.
    tell_(
        fmt::format("  {}: it is left as it is (hailo-face restore FILE)", copied.error().message));
    if (const Status raw = tree_.copy(step.from, fresh); !raw) return raw;
  } else {
    return fail(copied.error());
  }
  if (const Status given = tree_.set_access(fresh, step.access); !given) return given;
  return tree_.move(fresh, step.to);
}

// Drop-ins of our packages are for all units of such a name, and one of the Python project does not
// start with them. A file of the same name in /etc takes the place of each.
Status Executor::free_of_ours(const std::string& unit) {
  const std::string units = "/etc/systemd/system/";
  if (!tree_.look(units + unit).is_file()) return {};
  for (const std::string& folder : {std::string("hailo-.service"), unit}) {
    for (const auto& name : tree_.names("/usr/lib/systemd/system/" + folder + ".d")) {
      const std::string path = fmt::format("{}{}.d/{}", units, unit, name);
      if (!tree_.look(path).is_absent()) continue;
      if (const Status made = tree_.make_folder(folder_of(path), kForAll); !made) return made;
      const Status written = tree_.write(
          path, std::string(kOfUndo) + ": what the packages say is not for this unit.\n", 0644);
      if (!written) return written;
    }
  }
  return {};
}

Status Executor::put_back(const Step& step) {
  if (tree_.look(step.to).is_absent()) return {};
  if (!tree_.look(step.from).is_absent()) {
    tell_(fmt::format("{} is there again; the one before it stays in {}", step.from, step.to));
    return {};
  }
  if (const Status made = tree_.make_folder(folder_of(step.from), kForAll); !made) return made;
  tell_(fmt::format("put back {}", step.from));
  return tree_.move(step.to, step.from);
}

Status Executor::take_back_text(const Step& step) {
  if (!tree_.look(step.to).is_file()) return {};
  const auto text = tree_.read(step.to, kMostText);
  if (text && *text == step.text) {
    const Status removed = tree_.remove(step.to);
    tree_.remove_folder(folder_of(step.to));  // of drop-ins, where it was made for this one
    return removed;
  }
  const std::string since = since_path(tree_, step.to);
  tell_(fmt::format("{} was changed since: it is kept as {}", step.to, since));
  return tree_.move(step.to, since);
}

// Who was enrolled since is in it.
Status Executor::take_back_database(const Step& step) {
  if (!tree_.look(step.to).is_file()) return {};
  const std::string since = since_path(tree_, kept_path(step.to));
  for (const char* const part : {"-wal", "-shm", ""}) {
    if (!tree_.look(step.to + part).is_file()) continue;
    if (const Status moved = tree_.move(step.to + part, since + part); !moved) return moved;
  }
  tell_(fmt::format("the new database of faces is kept as {}", since));
  return {};
}

}  // namespace npu::cli::migrate
