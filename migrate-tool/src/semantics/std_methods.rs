//! The names of the methods and functions of std's types, which Rust prefers to those of the script's traits, and of std's
//! macros.

/// Returns whether a text, number, list, map, option, path or iterator of std has a method of this name, either
/// inherent or from a trait in the prelude.
pub(crate) fn is_std_method(name: &str) -> bool {
    NAMES.split_whitespace().any(|known| known == name)
}

/// Returns whether a text, number, list, map, option or path of std has an associated function of this name that is no
/// method.
pub(crate) fn is_std_function(name: &str) -> bool {
    FUNCTIONS.split_whitespace().any(|known| known == name)
}

const FUNCTIONS: &str = "
    default from from_be from_be_bytes from_bits from_boxed_utf8_unchecked from_bytes_until_nul from_digit from_encoded_bytes_unchecked
    from_fn from_iter from_le from_le_bytes from_mut from_ne_bytes from_parts from_raw from_raw_parts from_ref from_str
    from_str_radix from_u32 from_u32_unchecked from_utf16 from_utf16_lossy from_utf8 from_utf8_lossy from_utf8_lossy_owned
    from_utf8_mut from_utf8_unchecked from_vec leak new new_in new_uninit try_from try_with_capacity with_capacity with_hasher
";

/// Returns whether a macro of std, or of its prelude, has this name.
pub(crate) fn is_std_macro(name: &str) -> bool {
    MACROS.split_whitespace().any(|known| known == name)
}

const MACROS: &str = "
    assert assert_eq assert_matches assert_ne cfg cfg_select column compile_error concat dbg debug_assert debug_assert_eq
    debug_assert_ne env eprint eprintln file format format_args include include_bytes include_str is_x86_feature_detected line
    matches module_path option_env panic print println ready stringify thread_local todo try unimplemented unreachable vec write
    writeln
";

const NAMES: &str = "
    abs abs_diff align_to all ancestors and and_then any append array_chunks as_array as_bytes as_deref as_deref_mut
    as_encoded_bytes as_mut as_mut_ptr as_mut_slice as_os_str as_path as_ptr as_ref as_slice as_str ascii_char back back_mut
    binary_search binary_search_by binary_search_by_key borrow borrow_mut bytes by_ref capacity ceil chain chars char_indices
    checked_add checked_div checked_ilog2 checked_mul checked_neg checked_next_power_of_two checked_pow checked_rem checked_shl
    checked_shr checked_sub chunk_by chunks chunks_exact chunks_mut clamp clear clone clone_from clone_from_slice cloned cmp
    cmp_by collect components concat connect contains contains_key copied copy_from_slice count count_ones count_zeros cycle
    dedup dedup_by dedup_by_key default difference display div_ceil div_euclid drain encode_utf8 ends_with entry enumerate eq
    eq_ignore_ascii_case err escape_ascii escape_debug escape_default escape_unicode exists expect expect_err exp extend
    extend_from_slice extend_from_within extension extract_if file_name file_prefix file_stem fill fill_with filter filter_map
    find find_map first first_chunk first_key_value first_mut flat_map flatten floor fmt fold for_each from_str front front_mut
    fuse ge get get_key_value get_mut get_or_insert get_or_insert_with get_unchecked gt has_root hash ilog ilog10 ilog2 insert
    insert_str inspect inspect_err intersection into into_boxed_path into_boxed_slice into_boxed_str into_bytes into_iter
    into_keys into_os_string into_owned into_string into_sorted_vec into_values into_vec is_absolute is_alphabetic
    is_alphanumeric is_ascii is_ascii_alphabetic is_ascii_alphanumeric is_ascii_control is_ascii_digit is_ascii_graphic
    is_ascii_hexdigit is_ascii_lowercase is_ascii_punctuation is_ascii_uppercase is_ascii_whitespace is_char_boundary is_control
    is_digit is_dir is_disjoint is_empty is_eq is_err is_err_and is_file is_ge is_gt is_le is_lowercase is_lt is_ne is_negative
    is_none is_none_or is_numeric is_ok is_ok_and is_partitioned is_positive is_power_of_two is_relative is_some is_some_and
    is_sorted is_sorted_by is_sorted_by_key is_subset is_superset is_symlink is_uppercase is_utf8 is_whitespace isolate_most_significant_one
    iter iter_mut join keys last last_chunk last_key_value last_mut le leading_ones leading_zeros len len_utf16 len_utf8 lines
    lt make_ascii_lowercase make_ascii_uppercase map map_err map_or map_or_else map_while map_windows match_indices matches max
    max_by max_by_key metadata min min_by min_by_key mul_add ne next next_back next_if next_if_eq next_power_of_two nth nth_back
    ok ok_or ok_or_else or or_else overflowing_add overflowing_mul overflowing_sub parent parse partial_cmp partition
    partition_point peek peek_mut peekable pop pop_back pop_first pop_front pop_if pop_last position pow powf powi product push
    push_back push_front push_str range range_mut read_dir read_link rem_euclid remove remove_entry remove_matches repeat replace
    replace_range replacen reserve reserve_exact resize resize_with retain retain_mut rev reverse reverse_bits rfind rmatch_indices
    rmatches rotate_left rotate_right round rposition rsplit rsplit_mut rsplit_once rsplit_terminator rsplitn saturating_add
    saturating_mul saturating_pow saturating_sub scan select_nth_unstable set set_extension set_file_name shrink_to shrink_to_fit
    signum size_hint skip skip_while sort sort_by sort_by_cached_key sort_by_key sort_floats sort_unstable sort_unstable_by
    sort_unstable_by_key splice split split_ascii_whitespace split_at split_at_checked split_at_mut split_first split_first_chunk
    split_inclusive split_last split_mut split_off split_once split_terminator split_whitespace splitn sqrt starts_with step_by
    strip_prefix strip_suffix sub sum swap swap_bytes swap_remove swap_with_slice symlink_metadata symmetric_difference take
    take_if take_while then then_some then_with to_ascii_lowercase to_ascii_uppercase to_be to_be_bytes to_digit to_le
    to_le_bytes to_lowercase to_ne_bytes to_os_string to_owned to_path_buf to_str to_string to_string_lossy to_uppercase to_vec
    trailing_ones trailing_zeros transpose trim trim_ascii trim_ascii_end trim_ascii_start trim_end trim_end_matches trim_left
    trim_left_matches trim_matches trim_right trim_right_matches trim_start trim_start_matches trunc truncate try_borrow
    try_borrow_mut try_exists try_fold try_for_each try_into try_insert union unwrap unwrap_err unwrap_or unwrap_or_default
    unwrap_or_else unwrap_unchecked unsigned_abs unzip utf8_chunks values values_mut windows with_extension with_file_name
    wrapping_add wrapping_div wrapping_mul wrapping_neg wrapping_pow wrapping_rem wrapping_shl wrapping_shr wrapping_sub write
    write_all write_fmt write_str xor zip
";
