#include "cli/migrate/journal.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

namespace npu::cli::migrate {
namespace json = boost::json;
namespace {

constexpr std::size_t kMostJournal = std::size_t{16} << 20;
constexpr mode_t kRootAlone = 0700;
constexpr std::string_view kUndone = R"({"op":"undone"})";

std::string journal_path() { return std::string(kKept) + "/journal"; }

}  // namespace

std::string kept_path(std::string_view path) { return std::string(kKept) + std::string(path); }

Result<Journal> Journal::read(const Tree& tree) {
  Journal journal;
  if (tree.look(journal_path()).is_absent()) return journal;
  const auto text = tree.read(journal_path(), kMostJournal);
  if (!text) return fail(text.error());
  // What follows the last end of a line broke off before its step was done.
  std::size_t begin = 0;
  int number = 0;
  for (auto end = text->find('\n'); end != std::string::npos; end = text->find('\n', begin)) {
    const std::string_view text_of_line = std::string_view(*text).substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (text_of_line == kUndone && !journal.steps_.empty()) {
      journal.steps_.pop_back();
      continue;
    }
    boost::system::error_code wrong;
    const json::value line = json::parse(text_of_line, wrong);
    auto step =
        wrong ? Result<Step>(fail(ErrorCode::kMalformed, wrong.message())) : Step::from_json(line);
    if (!step) {
      return fail(ErrorCode::kMalformed, fmt::format("line {} of {} cannot be understood: {}",
                                                     number, journal_path(), step.error().message));
    }
    journal.add(std::move(*step));
  }
  if (begin < text->size()) journal.whole_ = text->substr(0, begin);
  return journal;
}

bool Journal::is_done(std::string_view service, std::string_view how) const {
  return std::ranges::any_of(steps_, [&](const Step& step) {
    return step.op == Step::Op::kDone && step.service == service && step.text == how;
  });
}

std::optional<Step> Journal::first_stop(std::string_view unit) const {
  const auto found = std::ranges::find_if(
      steps_, [&](const Step& step) { return step.op == Step::Op::kStop && step.unit == unit; });
  return found == steps_.end() ? std::nullopt : std::optional<Step>(*found);
}

void Journal::add(Step step) {
  if (step.to.starts_with(kKept)) folders_.push_back(step.to);
  steps_.push_back(std::move(step));
}

Status Journal::append(const Tree& tree, const std::string& line) {
  if (whole_) {
    if (const Status cut = tree.write(journal_path(), *whole_, 0600); !cut) return cut;
    whole_.reset();
  }
  return tree.append(journal_path(), line + "\n");
}

Status Journal::begin(const Tree& tree, const Step& step) {
  if (const Status made = tree.make_folder(std::string(kKept), kRootAlone); !made) return made;
  const Status written = append(tree, json::serialize(step.json()));
  if (written) add(step);
  return written;
}

Status Journal::undone(const Tree& tree) {
  const Status written = append(tree, std::string(kUndone));
  if (written) steps_.pop_back();
  return written;
}

Status Journal::finish_undo(const Tree& tree) {
  for (std::string path : folders_) {
    while (path.starts_with(kKept) && path.size() > kKept.size()) {
      path.resize(path.rfind('/'));
      tree.remove_folder(path);
    }
  }
  const Status removed = tree.remove(journal_path());
  tree.remove_folder(std::string(kKept));
  return removed;
}

}  // namespace npu::cli::migrate
