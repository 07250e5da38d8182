#include "entry_output.hpp"

namespace cfes {

entry_output::entry_output(session const& with, collection_verbs const& of, columns const& shown,
                           bool is_one, shown_for why)
    : with_{&with},
      // What a dry run tells is printed at its end.
      is_silent_{why == shown_for::change && (with.is_silent() || with.is_rehearsal())} {
    if (is_one) return;
    rows_.emplace(with.output(), with.rows(), row_type{of.type->model->fields(), shown});
}

void entry_output::add(any_object const& entry) {
    if (is_silent_) return;
    if (rows_) return rows_->add(entry.get());
    status_ = show_object(*with_, entry.type().fields(), *entry.type().how, entry.get());
}

int entry_output::finish() {
    if (!rows_ || is_silent_) return status_;
    return rows_->finish();
}

}  // namespace cfes
