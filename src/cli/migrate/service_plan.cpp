#include "cli/migrate/service_plan.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "cli/migrate/model_files.hpp"
#include "cli/migrate/old_config.hpp"
#include "cli/migrate/translate.hpp"
#include "cli/services/service_table.hpp"

namespace npu::cli::migrate {
namespace {

constexpr std::size_t kMostConfig = std::size_t{64} << 10;
// How a service is done.
constexpr std::string_view kReplaced = "replaced";
constexpr std::string_view kGoesOn = "goes on";
constexpr std::string_view kUnits = "/etc/systemd/system/";
constexpr std::string_view kFaces = "/var/lib/hailo-face/faces.db";
constexpr std::string_view kClipModels = "/usr/local/hailo/resources/models/hailo10h";

class Planner {
 public:
  Planner(const Surroundings& around, const OldService& service)
      : around_(around), tree_(around.tree), service_(service), name_(service.name) {
    plan_.service = &service;
  }

  std::optional<ServicePlan> plan() {
    look_at_unit();
    if (!is_here()) return std::nullopt;
    const bool ours = service_.becomes == OldService::Becomes::kOurs;
    if (ours && around_.journal.is_done(name_, kReplaced)) {
      plan_.what = "was migrated already";
    } else if (ours && is_packaged(tree_, name_)) {
      replace();
    } else if (service_.becomes == OldService::Becomes::kEnds) {
      end();
    } else {
      go_on();
    }
    return std::move(plan_);
  }

 private:
  std::string unit_path() const { return std::string(kUnits) + unit_of(name_); }
  std::string drop_ins() const { return unit_path() + ".d"; }
  void note(const std::string& line) { plan_.notes.push_back(for_terminal(line)); }

  // A unit of that name which runs something else is somebody's own.
  void look_at_unit() {
    const FileInfo unit = tree_.look(unit_path());
    if (unit.is_absent()) return;
    const auto text = tree_.read(unit_path(), kMostConfig);
    const bool theirs =
        text && (text->find("/opt/" + name_ + "/") != std::string::npos ||
                 (name_ == "hailo-ollama" && text->find("hailo-ollama") != std::string::npos));
    if (theirs) {
      has_unit_ = true;
    } else {
      note(fmt::format("{} is not the Python project's: it is left alone, and runs instead of ours",
                       unit_path()));
    }
  }

  bool is_here() const {
    const auto begun = [this](const Step& step) { return step.service == name_; };
    return has_unit_ || std::ranges::any_of(around_.journal.steps(), begun) ||
           tree_.look("/opt/" + name_).is_folder() ||
           (service_.reads.starts_with("/etc/xdg/") &&
            !tree_.look(std::string(service_.reads)).is_absent());
  }

  Step step(Step::Op op) const { return {.op = op, .service = name_}; }
  void keep(const std::string& path) {
    Step aside = step(Step::Op::kKeep);
    aside.from = path;
    aside.to = kept_path(path);
    // Something else is kept there where a migration broke off and the file was made again.
    for (int n = 2; !tree_.look(aside.to).is_absent(); ++n) {
      aside.to = fmt::format("{}-{}", kept_path(path), n);
    }
    plan_.steps.push_back(std::move(aside));
  }

  // As it was before a migration that broke off.
  Step state() const {
    const auto before = around_.journal.first_stop(unit_of(name_));
    return before ? *before : state_now();
  }
  Step state_now() const {
    Step now = step(Step::Op::kStop);
    now.unit = unit_of(name_);
    now.enabled = around_.units.is_enabled(now.unit);
    now.active = around_.units.is_wanted(now.unit);
    return now;
  }
  void stop(const Step& was) {
    if (was.enabled || was.active) plan_.steps.push_back(was);
  }
  void start(Step was) {
    was.op = Step::Op::kStart;
    plan_.steps.push_back(std::move(was));
  }

  void done(std::string_view how) {
    Step last = step(Step::Op::kDone);
    last.text = how;
    plan_.steps.push_back(std::move(last));
  }

  void replace() {
    plan_.what = "the new " + name_ + " takes its place";
    const Step was = state();
    stop(was);
    if (has_unit_) keep(unit_path());
    for (const auto& file : tree_.names(drop_ins())) {
      if (file == kOldModelsDropIn) continue;
      if (tree_.look(drop_ins() + "/" + file).is_file()) keep(drop_ins() + "/" + file);
    }
    if (name_ == "hailo-face") take_people();
    write_config(take_models());
    start(was);
    done(kReplaced);
  }

  // Its models by their old paths, and where they are then.
  std::map<std::string, std::string> take_models() {
    std::map<std::string, std::string> moved;
    if (service_.models.empty()) return moved;
    for (const Step& before : around_.journal.steps()) {
      if (before.op == Step::Op::kAdopt && before.service == name_) moved[before.from] = before.to;
    }
    const ModelFiles found = find_model_files(tree_, std::string(service_.models));
    for (const auto& line : found.notes) note(line);
    for (const auto& file : found.files) {
      Step adopt = step(Step::Op::kAdopt);
      adopt.from = file.path;
      adopt.to = file.goes_to;
      adopt.access = file.access;
      plan_.steps.push_back(adopt);
      moved[file.path] = file.goes_to;
    }
    return moved;
  }

  void write_config(std::map<std::string, std::string> moved) {
    TranslateOptions options{.keep_open = around_.keep_open, .moved = std::move(moved)};
    const OldConfig config = read_old_config(tree_, service_);
    for (const auto& line : config.notes) note(line);
    options.source = config.source;
    if (name_ == "hailo-clip") {
      const std::string model = std::string(kClipModels) + "/clip_vit_b_32_image_encoder.hef";
      if (tree_.look(model).is_file()) options.extra.emplace_back("model.path", model);
    } else if (name_ != kManager) {
      options.extra.emplace_back("resources.model_dir", kModels);
    }
    Translated ours = translate(service_, config.keys, options);
    plan_.was_open = ours.was_open;
    plan_.taken = std::move(ours.taken);
    for (auto& line : ours.notes) plan_.notes.push_back(std::move(line));
    const std::string path = config_file_of(name_);
    const FileInfo there = tree_.look(path);
    const auto text = there.is_file() ? tree_.read(path, kMostConfig) : std::string();
    if (text && *text == ours.text) return;
    if (there.is_file() || there.kind == FileInfo::Kind::kLink) {
      keep(path);
    } else if (!there.is_absent()) {
      note(fmt::format("{} is no file: no configuration is written", path));
      return;
    }
    Step write = step(Step::Op::kWrite);
    write.to = path;
    write.text = std::move(ours.text);
    plan_.steps.push_back(std::move(write));
  }

  std::string old_database() {
    const OldConfig config = read_old_config(tree_, service_);
    const OldKey* key = find_key(config.keys, "database.db_file");
    const bool said = key != nullptr && key->values.size() == 1 && key->values[0].starts_with('/');
    return said ? key->values[0] : std::string(kFaces);
  }

  // Its log goes first: a database that is kept is whole.
  void take_people() {
    const std::string from = old_database();
    const std::string to(kFaces);
    if (tree_.look(kept_path(from)).is_absent()) {
      const FileInfo there = tree_.look(from);
      if (there.is_absent()) return note(fmt::format("nobody is enrolled: there is no {}", from));
      if (!there.is_file() || there.names != 1) {
        return note(fmt::format("{} is no file of its own: nobody is taken over", from));
      }
      keep_database(from);
      if (from != to && tree_.look(to).is_file()) keep_database(to);
    } else if (from == to && !tree_.look(to).is_absent()) {
      return;  // the copy is made
    }
    Step copy = step(Step::Op::kDatabase);
    copy.from = kept_path(from);
    copy.to = to;
    copy.access = user_access("hailo-face");
    plan_.steps.push_back(std::move(copy));
  }

  void keep_database(const std::string& path) {
    for (const char* const part : {"-wal", "-shm", "-journal", ""}) {
      if (tree_.look(path + part).is_file()) keep(path + part);
    }
  }

  // By /etc/passwd below the root; root's where there is no such user.
  Access user_access(const std::string& user) const {
    Access access{0, 0, 0600};
    const auto text = tree_.read("/etc/passwd", std::size_t{1} << 20);
    if (!text) return access;
    const auto at = ("\n" + *text).find("\n" + user + ":");
    if (at == std::string::npos) return access;
    const char* field = text->data() + text->find(':', at + user.size() + 1) + 1;
    const char* const end = text->data() + text->size();
    const auto owner = std::from_chars(field, end, access.owner);
    if (owner.ptr < end) std::from_chars(owner.ptr + 1, end, access.group);
    return access;
  }

  void end() {
    plan_.what = fmt::format("has no successor: {}. It is stopped and disabled", service_.why);
    if (has_unit_) stop(state_now());
  }

  void go_on() {
    const bool ours = service_.becomes == OldService::Becomes::kOurs;
    plan_.what = ours ? fmt::format(
                            "goes on as it is: the package {} is not installed. Install it "
                            "and migrate again",
                            name_)
                      : fmt::format("has no successor yet: {}", service_.why);
    if (!has_unit_ || around_.journal.is_done(name_, kGoesOn)) return;
    Step write = step(Step::Op::kWrite);
    write.to = drop_ins() + "/10-hardening.conf";
    write.text =
        "# Of hailoctl migrate: this unit of the Python project goes on. What the packages say of\n"
        "# all units of such a name does not suit it; the group may use the manager's socket.\n"
        "[Service]\nSupplementaryGroups=hailo\n";
    const auto there = tree_.read(write.to, kMostConfig);
    const bool written = there && *there == write.text;
    const bool of_undo = there && there->starts_with(kOfUndo);
    if (!written && !of_undo && !tree_.look(write.to).is_absent()) {
      return note(fmt::format("{} is there already, and stays", write.to));
    }
    const Step was = state();
    stop(was);
    if (!written) plan_.steps.push_back(std::move(write));
    start(was);
    done(kGoesOn);
  }

  const Surroundings& around_;
  const Tree& tree_;
  const OldService& service_;
  const std::string name_;
  ServicePlan plan_;
  bool has_unit_ = false;
};

}  // namespace

std::optional<ServicePlan> plan_service(const Surroundings& around, const OldService& service) {
  return Planner(around, service).plan();
}

bool is_packaged(const Tree& tree, std::string_view service) {
  return tree.look("/usr/lib/systemd/system/" + unit_of(service)).is_file();
}

bool has_group(const Tree& tree, std::string_view name) {
  const auto text = tree.read("/etc/group", std::size_t{1} << 20);
  return text && ("\n" + *text).find(fmt::format("\n{}:", name)) != std::string::npos;
}

}  // namespace npu::cli::migrate
